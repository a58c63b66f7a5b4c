import type { Platform } from "../oci/descriptor.ts";

/** What images are published for, and so what is read of an index where the definition names no platform. */
export const usualPlatform: Platform = { os: "linux", architecture: "amd64" };

/** Linux on the architecture of this machine, in the words of Go. */
export const hostPlatform = (architecture: string = process.arch): Platform => ({
  os: "linux",
  architecture: goNames[architecture] ?? architecture,
});

const goNames: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };
