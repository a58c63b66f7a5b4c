import type { Platform } from "../oci/descriptor.ts";

/** Linux on the architecture of this machine, in the words of Go. */
export const hostPlatform = (architecture: string = process.arch): Platform => ({
  os: "linux",
  architecture: goNames[architecture] ?? architecture,
});

const goNames: Readonly<Record<string, string>> = { x64: "amd64", ia32: "386", ppc64: "ppc64le" };
