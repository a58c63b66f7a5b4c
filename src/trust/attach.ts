import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { canonicalJson } from "../oci/canonical-json.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Digest, sha256Digest } from "../oci/digest.ts";
import { oci } from "../oci/media-types.ts";
import type { Registry, Repository } from "../registry/model.ts";

export interface Attachment {
  /** Also the artifact type of the manifest that carries it. */
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly annotations: Readonly<Record<string, string>>;
}

/**
 * Attaches a document to an image, as a referrer
 * (https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidelines-for-artifact-usage). The document is also the
 * configuration of the manifest that carries it, so that one blob is sent. The same document attached again changes nothing.
 * Throws `FailedError`. `isFirst`: nothing else is attached to the image.
 */
export async function attach(
  registry: Registry,
  repository: string,
  subject: Descriptor,
  { mediaType, bytes, annotations }: Attachment,
  isFirst = false,
): Promise<Descriptor> {
  const { blobs, manifests } = registry.repository(repository);
  const blob = { mediaType, digest: sha256Digest(bytes), size: bytes.length };
  await blobs.put(blob, bytes);
  const manifest = canonicalJson({
    schemaVersion: 2,
    mediaType: oci.manifest,
    artifactType: mediaType,
    config: blob,
    layers: [blob],
    subject: { mediaType: subject.mediaType, digest: subject.digest, size: subject.size },
    annotations,
  });
  return manifests.put(sha256Digest(manifest), oci.manifest, manifest, { isFirstReferrer: isFirst });
}

/** An attachment, and what it was attached to. */
export interface AttachedTo {
  readonly repository: Repository;
  readonly subject: Digest;
  readonly stored: Descriptor;
}

/** What a registry took and does not have; undefined where it has it. Two requests at most. Throws `FailedError`. */
export async function notAttached({ repository, subject, stored }: AttachedTo): Promise<Diagnostic | undefined> {
  const listed = await repository.listings.referrers(subject, stored.artifactType);
  if (listed.some(({ digest }) => digest === stored.digest)) return undefined;
  return error(
    "not-stored",
    `the registry took ${repository.host}/${repository.path}@${stored.digest} and does not have it`,
    {
      help: "ask whoever runs the registry; image-builder sign attaches it later",
    },
  );
}
