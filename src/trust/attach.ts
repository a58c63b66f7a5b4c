import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { canonicalJson } from "../oci/canonical-json.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { sha256Digest } from "../oci/digest.ts";
import { emptyBlob, emptyConfig } from "../oci/empty.ts";
import { oci } from "../oci/media-types.ts";
import type { Registry } from "../registry/model.ts";

export interface Attachment {
  /** Also the artifact type of the manifest that carries it. */
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Attaches a document to an image, as a referrer
 * (https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage).
 * The same document attached again changes nothing. Throws `FailedError`, also where the registry says
 * that it took it and does not have it.
 */
export async function attach(
  registry: Registry,
  repository: string,
  subject: Descriptor,
  { mediaType, bytes, annotations }: Attachment,
): Promise<Descriptor> {
  const layer = { mediaType, digest: sha256Digest(bytes), size: bytes.length };
  await Promise.all([registry.repository(repository).blobs.put(layer, bytes), putEmpty(registry, repository)]);
  const manifest = canonicalJson({
    schemaVersion: 2,
    mediaType: oci.manifest,
    artifactType: mediaType,
    config: emptyConfig,
    layers: [layer],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    annotations,
  });
  const { manifests } = registry.repository(repository);
  const stored = await manifests.put(sha256Digest(manifest), oci.manifest, manifest);
  if (await manifests.head(stored.digest)) return stored;
  throw new FailedError([notStored(`${registry.host}/${repository}@${stored.digest}`)]);
}

const notStored = (reference: string) =>
  error("not-stored", `the registry took ${reference} and does not have it`, {
    help: "ask whoever runs the registry; image-builder sign attaches it later",
  });

/** From the second time on it is there already. Mounting from itself asks, and begins the upload where it is not. */
async function putEmpty(registry: Registry, repository: string): Promise<void> {
  const there = await registry.repository(repository).blobs.mount(emptyConfig.digest, repository);
  if (!there) await registry.repository(repository).blobs.put(emptyConfig, emptyBlob);
}
