/** https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md, property `platform` */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly "os.version"?: string | undefined;
  readonly "os.features"?: readonly string[] | undefined;
}

/**
 * What images are made and published for, wherever this runs, and what is read of an index where a definition names no other.
 * Docker builds for it where its engine does (docs/decisions/0094).
 */
export const imagePlatform: Platform = { os: "linux", architecture: "amd64" };

/** `linux/arm64/v8` */
export const formatPlatform = (platform: Platform): string =>
  [platform.os, platform.architecture, platform.variant].filter((part) => part).join("/");

/**
 * Undefined when the text is not `os/architecture` or `os/architecture/variant`. Spellings of one platform, `linux/x86_64` and
 * `Linux/AMD64/v1`, give one value.
 */
export function parsePlatform(text: string): Platform | undefined {
  const [os, architecture, variant, ...rest] = text.split("/");
  if (!os || !architecture || variant === "" || rest.length > 0 || !/^[A-Za-z0-9_./-]+$/.test(text)) return undefined;
  return normalized({ os, architecture, variant });
}

const architectures: ReadonlyMap<string, readonly [architecture: string, variant?: string]> = new Map([
  ["x86_64", ["amd64"]],
  ["x86-64", ["amd64"]],
  ["i386", ["386"]],
  ["aarch64", ["arm64"]],
  ["armhf", ["arm", "v7"]],
  ["armel", ["arm", "v6"]],
]);

/** As https://github.com/containerd/platforms has it: small letters, one name for each architecture, no variant where it is the usual one. */
export function normalized<P extends Platform>(platform: P): P {
  const written = platform.architecture.toLowerCase();
  const [architecture, implied] = architectures.get(written) ?? [written];
  const os = platform.os.toLowerCase();
  const variant = usualVariant(architecture, implied ?? platform.variant?.toLowerCase());
  const { variant: _, ...rest } = platform;
  return { ...rest, os: os === "macos" ? "darwin" : os, architecture, ...(variant && { variant }) } as P;
}

function usualVariant(architecture: string, variant: string | undefined): string | undefined {
  if (architecture === "amd64") return variant === "v1" ? undefined : variant;
  if (architecture === "arm64") return variant === "8" || variant === "v8" ? undefined : variant;
  if (architecture === "arm") return !variant ? "v7" : variant.replace(/^(?=\d$)/, "v");
  return variant;
}

/** True for every text by which `--platform` names the platform of images: also a part of it, a level of its processor, or nothing. */
export function isImagePlatform(text: string): boolean {
  if (["", imagePlatform.os].includes(text.toLowerCase())) return true;
  const platform = parsePlatform(text.includes("/") ? text : `${imagePlatform.os}/${text}`);
  return platform?.os === imagePlatform.os && platform.architecture === imagePlatform.architecture;
}

/** What runs on a platform, the best first. */
export function runnable(wanted: Platform): readonly Platform[] {
  const { os, architecture, variant } = normalized(wanted);
  const own = variantsBelow(architecture, variant).map((each) => ({
    os,
    architecture,
    ...(each && { variant: each }),
  }));
  if (architecture === "amd64") return [...own, { os, architecture: "386" }];
  if (architecture !== "arm64") return own;
  return [...own, ...["v8", "v7", "v6", "v5"].map((each) => ({ os, architecture: "arm", variant: each }))];
}

function variantsBelow(architecture: string, variant = ""): string[] {
  const number = Number(/^v(\d)$/.exec(variant)?.[1] ?? 0);
  if (architecture === "amd64")
    return [...Array.from({ length: Math.max(0, number - 1) }, (_, at) => `v${number - at}`), ""];
  if (architecture === "arm") return Array.from({ length: Math.max(1, number - 4) }, (_, at) => `v${number - at}`);
  return variant === "" ? [""] : [variant, ""];
}
