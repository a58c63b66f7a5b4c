import { z } from "zod";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { parseIndex, parseManifest } from "../oci/manifest.ts";
import { isIndexType, manifestMediaTypes, oci } from "../oci/media-types.ts";
import { tryJson } from "../oci/untrusted.ts";

/** What a list of referrers says of a manifest, and its subject; undefined when it has none. */
export function referrerOf(
  mediaType: string,
  bytes: Uint8Array,
  digest: Digest,
): { readonly referrer: Descriptor; readonly subject: Digest } | undefined {
  if (!subjectSchema.safeParse(tryJson(bytes)).success) return undefined;
  const manifest = isIndexType(mediaType) ? parseIndex(bytes, mediaType) : parseManifest(bytes, mediaType);
  if (!manifest.subject) return undefined;
  const artifactType = manifest.artifactType || ("config" in manifest ? manifest.config.mediaType : undefined);
  const { annotations } = manifest;
  return {
    referrer: { mediaType, digest, size: bytes.length, artifactType, annotations },
    subject: manifest.subject.digest,
  };
}

/** The media type that a manifest says of itself, or has by its fields; undefined when it is no manifest. */
export function manifestTypeOf(bytes: Uint8Array): string | undefined {
  const parsed = shapeSchema.safeParse(tryJson(bytes));
  if (!parsed.success) return undefined;
  const { mediaType, layers, manifests } = parsed.data;
  return mediaType ?? (layers ? oci.manifest : manifests ? oci.index : undefined);
}

const subjectSchema = z.object({ subject: z.object({}) });

const shapeSchema = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.enum(manifestMediaTypes).optional(),
  layers: z.array(z.unknown()).optional(),
  manifests: z.array(z.unknown()).optional(),
});
