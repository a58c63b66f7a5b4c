import type { Readable } from "node:stream";
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
import type { BlobSource, ManifestContent, Registry } from "./model.ts";

/**
 * A folder that is an OCI image layout, made where there is none, as a registry: publishing to it and reading from it is
 * the same as with one. Blobs are kept once for all repositories; a tag is the name `repository:tag` in `index.json`.
 * Throws `RefusedError` when the folder holds something else.
 */
export async function openLayout(directory: string, host = "layout"): Promise<Registry> {
  return new Layout(await LayoutFiles.open(directory), host);
}

class Layout implements Registry {
  readonly host: string;
  readonly #files: LayoutFiles;

  constructor(files: LayoutFiles, host: string) {
    this.#files = files;
    this.host = host;
  }

  async headManifest(repository: string, target: string): Promise<Descriptor | undefined> {
    return (await this.getManifest(repository, target))?.descriptor;
  }

  async getManifest(repository: string, target: string): Promise<ManifestContent | undefined> {
    const digest =
      parseDigest(target) ?? findNamed(await this.#files.readIndex(), layoutName(repository, target))?.digest;
    const bytes = digest && (await this.#files.readDocument(blobPath(digest), digest));
    const mediaType = bytes && manifestTypeOf(bytes);
    return digest && mediaType ? { descriptor: { mediaType, digest, size: bytes.length }, bytes } : undefined;
  }

  async putManifest(repository: string, target: string, mediaType: string, bytes: Uint8Array): Promise<Descriptor> {
    const stored: Descriptor = { mediaType, digest: sha256Digest(bytes), size: bytes.length };
    const referrer = referrerOf(mediaType, bytes, stored.digest)?.referrer;
    await this.#files.writeBlob(stored, bytes);
    const named = parseDigest(target) === undefined;
    if (named) await this.#files.changeIndex((index) => withNamed(index, layoutName(repository, target), stored));
    else if (referrer) await this.#files.changeIndex((index) => withUnnamed(index, referrer));
    return stored;
  }

  async deleteManifest(repository: string, target: string): Promise<boolean> {
    const found = await this.getManifest(repository, target);
    const digest = parseDigest(target);
    if (!found) return false;
    await this.#files.changeIndex((index) =>
      digest ? withoutDigest(index, digest) : withoutNamed(index, layoutName(repository, target)),
    );
    if (digest) await this.#files.removeBlob(digest);
    return true;
  }

  async listTags(repository: string): Promise<readonly string[]> {
    return tagsOf(await this.#files.readIndex(), repository);
  }

  async listReferrers(_repository: string, subject: Digest, artifactType?: string): Promise<readonly Descriptor[]> {
    const found = new Map<Digest, Descriptor>();
    for (const { digest, mediaType } of (await this.#files.readIndex()).manifests) {
      const bytes = await this.#files.readDocument(blobPath(digest), digest);
      const facts = bytes && referrerOf(mediaType, bytes, digest);
      if (facts?.subject === subject) found.set(digest, facts.referrer);
    }
    return [...found.values()].filter((each) => artifactType === undefined || each.artifactType === artifactType);
  }

  async headBlob(_repository: string, digest: Digest): Promise<Descriptor | undefined> {
    const size = await this.#files.sizeOf(digest);
    return size === undefined ? undefined : { mediaType: "application/octet-stream", digest, size };
  }

  getBlob(_repository: string, blob: Descriptor): Promise<Readable> {
    return this.#files.readBlob(blob);
  }

  putBlob(_repository: string, blob: Descriptor, source: BlobSource): Promise<void> {
    return this.#files.writeBlob(blob, source);
  }

  async mountBlob(_repository: string, digest: Digest): Promise<boolean> {
    return (await this.#files.sizeOf(digest)) !== undefined;
  }
}
