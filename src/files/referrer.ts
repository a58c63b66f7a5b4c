import { canonicalJson } from "../oci/canonical-json.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Digest, sha256Digest } from "../oci/digest.ts";
import { emptyBlob, emptyConfig } from "../oci/empty.ts";
import { type ImageManifest, parseManifest } from "../oci/manifest.ts";
import { oci } from "../oci/media-types.ts";
import type { Registry } from "../registry/model.ts";
import { sameLayers } from "./cache.ts";
import { badIndex } from "./errors.ts";
import { FileIndex } from "./index.ts";
import { limits } from "./limits.ts";
import { readIndex, writeIndex } from "./serialize.ts";

/** What the manifest that carries an index says it is. */
const filesArtifactType = "application/vnd.image-builder.files.v1";
const filesMediaType = "application/vnd.image-builder.files.v1+gzip";

/**
 * Attaches an index to an image: a manifest whose subject is the image's
 * (https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage). `beside`: what else is
 * known of the image and stands in the same manifest, behind the index.
 */
export async function attachIndex(
  registry: Registry,
  repository: string,
  subject: Descriptor,
  index: FileIndex,
  beside: readonly AttachedBlob[] = [],
): Promise<Descriptor> {
  const parts = [{ mediaType: filesMediaType, bytes: await writeIndex(index) }, ...beside];
  const layers = parts.map(({ mediaType, bytes }) => describe(mediaType, bytes));
  const { blobs } = registry.repository(repository);
  await Promise.all([
    ...parts.map(({ bytes }, at) => blobs.put(layers[at] as Descriptor, bytes)),
    blobs.put(emptyConfig, emptyBlob),
  ]);
  const { mediaType, digest, size } = subject;
  const manifest = canonicalJson({
    schemaVersion: 2,
    mediaType: oci.manifest,
    artifactType: filesArtifactType,
    config: emptyConfig,
    layers,
    subject: { mediaType, digest, size },
  });
  return registry.repository(repository).manifests.put(sha256Digest(manifest), oci.manifest, manifest);
}

interface AttachedBlob {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** The index attached to an image; undefined when there is none for these layers, or none of at most `most` bytes that can be read. */
export async function fetchIndex(
  registry: Registry,
  repository: string,
  subject: Digest,
  layers: readonly Digest[],
  most: number,
): Promise<FileIndex | undefined> {
  for await (const manifest of fileReferrers(registry, repository, subject)) {
    const index = await readReferrer(registry, repository, manifest, most).catch(() => undefined);
    if (index && sameLayers(index.layers, layers)) return index;
  }
  return undefined;
}

/** The manifests that carry indexes of an image's files, few of them: somebody may have attached any number. */
export async function* fileReferrers(
  registry: Registry,
  repository: string,
  subject: Digest,
): AsyncGenerator<ImageManifest> {
  const { listings, manifests } = registry.repository(repository);
  for (const { digest } of (await listings.referrers(subject, filesArtifactType)).slice(0, 3)) {
    const manifest = await manifests.get(digest).then(
      (content) => content && parseManifest(content.bytes, content.descriptor.mediaType),
      () => undefined,
    );
    if (manifest) yield manifest;
  }
}

async function readReferrer(
  registry: Registry,
  repository: string,
  manifest: ImageManifest,
  most: number,
): Promise<FileIndex> {
  const layer = manifest.layers[0];
  if (layer?.mediaType !== filesMediaType || layer.size > Math.min(limits.compressed, most))
    throw badIndex("it is not an index");
  const parts: Buffer[] = [];
  for await (const part of await registry.repository(repository).blobs.get(layer)) parts.push(part as Buffer);
  return readIndex(Buffer.concat(parts), most);
}

const describe = (mediaType: string, bytes: Uint8Array): Descriptor => ({
  mediaType,
  digest: sha256Digest(bytes),
  size: bytes.length,
});
