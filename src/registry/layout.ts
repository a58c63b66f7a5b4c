import type { Descriptor } from "../oci/descriptor.ts";
import { type Digest, parseDigest, sha256Digest } from "../oci/digest.ts";
import {
  blobPath,
  findNamed,
  layoutName,
  tagsOf,
  withNamed,
  withoutDigest,
  withoutNamed,
  withUnnamed,
} from "../oci/layout.ts";
import { LayoutFiles } from "./layout-files.ts";
import { manifestTypeOf, referrerOf } from "./manifest-facts.ts";
import type { Blobs, ManifestContent, Manifests, Registry, Repository } from "./model.ts";

/**
 * A folder that is an OCI image layout, made where there is none, as a registry: publishing to it and reading from it is
 * the same as with one. Blobs are kept once for all repositories; a tag is the name `repository:tag` in `index.json`.
 * Throws `RefusedError` when the folder holds something else.
 */
export async function openLayout(directory: string, host = "layout"): Promise<Registry> {
  const files = await LayoutFiles.open(directory);
  const blobs = blobsOf(files);
  const repository = (path: string): Repository => ({
    host,
    path,
    manifests: new LayoutManifests(files, path),
    blobs,
    listings: {
      tags: async () => tagsOf(await files.readIndex(), path),
      referrers: (subject, artifactType) => referrersOf(files, subject, artifactType),
    },
  });
  return { host, repository };
}

class LayoutManifests implements Manifests {
  readonly #files: LayoutFiles;
  readonly #repository: string;

  constructor(files: LayoutFiles, repository: string) {
    this.#files = files;
    this.#repository = repository;
  }

  async head(target: string): Promise<Descriptor | undefined> {
    return (await this.get(target))?.descriptor;
  }

  async get(target: string): Promise<ManifestContent | undefined> {
    const digest = parseDigest(target) ?? findNamed(await this.#files.readIndex(), this.#name(target))?.digest;
    const bytes = digest && (await this.#files.readDocument(blobPath(digest), digest));
    const mediaType = bytes && manifestTypeOf(bytes);
    return digest && mediaType ? { descriptor: { mediaType, digest, size: bytes.length }, bytes } : undefined;
  }

  async put(target: string, mediaType: string, bytes: Uint8Array): Promise<Descriptor> {
    const stored: Descriptor = { mediaType, digest: sha256Digest(bytes), size: bytes.length };
    const referrer = referrerOf(mediaType, bytes, stored.digest)?.referrer;
    await this.#files.writeBlob(stored, bytes);
    const named = parseDigest(target) === undefined;
    if (named) await this.#files.changeIndex((index) => withNamed(index, this.#name(target), stored));
    else if (referrer) await this.#files.changeIndex((index) => withUnnamed(index, referrer));
    return stored;
  }

  async delete(target: string): Promise<boolean> {
    const found = await this.get(target);
    const digest = parseDigest(target);
    if (!found) return false;
    await this.#files.changeIndex((index) =>
      digest ? withoutDigest(index, digest) : withoutNamed(index, this.#name(target)),
    );
    if (digest) await this.#files.removeBlob(digest);
    return true;
  }

  #name(target: string): string {
    return layoutName(this.#repository, target);
  }
}

const blobsOf = (files: LayoutFiles): Blobs => ({
  async head(digest) {
    const size = await files.sizeOf(digest);
    return size === undefined ? undefined : { mediaType: "application/octet-stream", digest, size };
  },
  get: (blob) => files.readBlob(blob),
  put: (blob, source) => files.writeBlob(blob, source),
  mount: async (digest) => (await files.sizeOf(digest)) !== undefined,
});

async function referrersOf(files: LayoutFiles, subject: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
  const found = new Map<Digest, Descriptor>();
  for (const { digest, mediaType } of (await files.readIndex()).manifests) {
    const bytes = await files.readDocument(blobPath(digest), digest);
    const facts = bytes && referrerOf(mediaType, bytes, digest);
    if (facts?.subject === subject) found.set(digest, facts.referrer);
  }
  return [...found.values()].filter((each) => artifactType === undefined || each.artifactType === artifactType);
}
