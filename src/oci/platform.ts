/** https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md, property `platform` */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly "os.version"?: string | undefined;
}

/**
 * What images are made and published for, wherever this runs, and what is read of an index where a definition names no other.
 * Docker builds for it where its engine does (docs/decisions/0094).
 */
export const imagePlatform: Platform = { os: "linux", architecture: "amd64" };

/** `linux/arm64/v8` */
export const formatPlatform = (platform: Platform): string =>
  [platform.os, platform.architecture, platform.variant].filter((part) => part).join("/");

/** Undefined when the text is not `os/architecture` or `os/architecture/variant`. */
export function parsePlatform(text: string): Platform | undefined {
  const [os, architecture, variant, ...rest] = text.split("/");
  if (!os || !architecture || variant === "" || rest.length > 0 || !/^[A-Za-z0-9_./-]+$/.test(text)) return undefined;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

/** The variant that a runtime takes where none is named; undefined where there are none. */
export const defaultVariant = (architecture: string): string | undefined =>
  architecture === "arm64" ? "v8" : architecture === "arm" ? "v7" : undefined;
