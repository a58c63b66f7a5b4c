import { z } from "zod";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { annotationsSchema, type Descriptor, descriptorSchema } from "./descriptor.ts";
import { type Family, isIndexType, isManifestType, oci } from "./media-types.ts";
import { formatPlatform, normalized, type Platform, runnable } from "./platform.ts";
import { parseDocument, quoteStart } from "./untrusted.ts";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md, and Docker's schema 2. Layers: lowest first. */
export interface ImageManifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string | undefined;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  readonly subject?: Descriptor | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/image-index.md, and Docker's manifest list. */
export interface ImageIndex {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType?: string | undefined;
  readonly manifests: readonly Descriptor[];
  readonly subject?: Descriptor | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
}

/** Reads a manifest that came from outside. `mediaType` is what it was served as. Throws `FailedError`. */
export function parseManifest(bytes: Uint8Array, mediaType: string = oci.manifest): ImageManifest {
  const manifest = { mediaType, ...dropUndefined(parseDocument(manifestSchema, bytes, "the manifest")) };
  if (!isManifestType(manifest.mediaType)) throw badType("manifest", manifest.mediaType);
  return manifest;
}

/** Reads an index that came from outside. Throws `FailedError`. */
export function parseIndex(bytes: Uint8Array, mediaType: string = oci.index): ImageIndex {
  const index = { mediaType, ...dropUndefined(parseDocument(indexSchema, bytes, "the index")) };
  if (!isIndexType(index.mediaType)) throw badType("index", index.mediaType);
  return index;
}

export const familyOf = (manifest: Pick<ImageManifest, "mediaType">): Family =>
  manifest.mediaType.startsWith("application/vnd.docker.") ? "docker" : "oci";

/**
 * The entry of an index for a platform, as BuildKit and containerd choose it: of what runs there the best, and of two the first. Entries
 * that ask for features of the system, or say no platform, are not looked at; attestations say `unknown/unknown`.
 */
export function selectPlatform(index: ImageIndex, wanted: Platform): Descriptor | undefined {
  const named = index.manifests.flatMap((each) =>
    each.platform ? [{ each, platform: normalized(each.platform) }] : [],
  );
  for (const { os, architecture, variant } of runnable(wanted)) {
    const found = named.find(
      ({ platform }) =>
        platform.os === os &&
        platform.architecture === architecture &&
        (platform.variant ?? "") === (variant ?? "") &&
        !platform["os.features"]?.length,
    );
    if (found) return found.each;
  }
  return undefined;
}

/** What an index offers, for a message: `linux/amd64, linux/arm64/v8`. */
export const formatPlatforms = (index: ImageIndex): string =>
  index.manifests.flatMap(({ platform }) => (platform ? [formatPlatform(platform)] : [])).join(", ");

const common = {
  schemaVersion: z.literal(2),
  mediaType: z.string().optional(),
  artifactType: z.string().optional(),
  subject: descriptorSchema.nullish().transform((value) => value ?? undefined),
  annotations: annotationsSchema.nullish().transform((value) => value ?? undefined),
};

const manifestSchema = z.looseObject({
  ...common,
  config: descriptorSchema,
  layers: z.array(descriptorSchema).max(10_000),
});

const indexSchema = z.looseObject({
  ...common,
  manifests: z
    .array(descriptorSchema)
    .max(100_000)
    .nullish()
    .transform((value) => value ?? []),
});

function dropUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as T;
}

const badType = (what: string, mediaType: string): FailedError =>
  new FailedError([error("bad-document", `an image ${what} was expected, not ${quoteStart(mediaType)}`)]);
