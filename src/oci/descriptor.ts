import { z } from "zod";
import { type Digest, isDigest } from "./digest.ts";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md, property `platform` */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | undefined;
  readonly "os.version"?: string | undefined;
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/descriptor.md; `size` in bytes. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly artifactType?: string | undefined;
  readonly platform?: Platform | undefined;
  /** Places outside of the registry, of layers that must not be distributed. */
  readonly urls?: readonly string[] | undefined;
}

export const digestSchema = z.custom<Digest>((value) => typeof value === "string" && isDigest(value), {
  error: "expected a sha256 digest",
});

export const annotationsSchema = z.record(z.string(), z.string());

const platformSchema = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
  "os.version": z.string().optional(),
});

/** Keeps fields it does not know. */
export const descriptorSchema = z.looseObject({
  mediaType: z.string().max(255),
  digest: digestSchema,
  size: z.int().nonnegative(),
  annotations: annotationsSchema.nullish().transform((value) => value ?? undefined),
  artifactType: z.string().optional(),
  platform: platformSchema.nullish().transform((value) => value ?? undefined),
  urls: z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? undefined),
});

/** `linux/arm64/v8` */
export const formatPlatform = (platform: Platform): string =>
  [platform.os, platform.architecture, platform.variant].filter((part) => part).join("/");

/** Undefined when the text is not `os/architecture` or `os/architecture/variant`. */
export function parsePlatform(text: string): Platform | undefined {
  const [os, architecture, variant, ...rest] = text.split("/");
  if (!os || !architecture || variant === "" || rest.length > 0 || !/^[A-Za-z0-9_./-]+$/.test(text)) return undefined;
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}
