import { z } from "zod";
import { type Digest, isDigest } from "./digest.ts";
import type { Platform } from "./platform.ts";

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
  "os.features": z
    .array(z.string())
    .nullish()
    .transform((value) => value ?? undefined),
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
