import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Digest, parseDigest } from "../oci/digest.ts";
import { docker, oci } from "../oci/media-types.ts";
import { dockerHub } from "../oci/reference.ts";
import { documentLimit } from "../oci/untrusted.ts";
import type { Blobs, ManifestContent, Manifests, Registries, Repository } from "./model.ts";
import { wrapRepositories } from "./wrap.ts";

/**
 * The same registries, which keep the manifests and configs that pass by: what is asked for by digest is
 * not fetched again. Asking for the descriptor of a tag fetches the manifest, since whoever asks for one nearly always wants
 * the other; not of Docker Hub, which counts that as a pull.
 */
export function rememberManifests(registries: Registries): Registries {
  const memories = new Map<string, Memory>();
  const { registryFor } = wrapRepositories(registries, (repository) => {
    const memory = memories.get(repository.host) ?? new Memory();
    memories.set(repository.host, memory);
    return remembering(repository, memory);
  });
  return { registryFor, close: () => registries.close() };
}

const remembering = (repository: Repository, memory: Memory): Repository => ({
  ...repository,
  manifests: rememberingManifests(repository, memory),
  blobs: rememberingBlobs(repository, memory),
  memory: { lastSeen: (tag) => memory.seen(repository.path, tag) },
});

function rememberingManifests({ host, path, manifests }: Repository, memory: Memory): Manifests {
  const get: Manifests["get"] = async (target) => {
    const kept = parseDigest(target) && memory.get(path, target);
    if (kept) return kept;
    const content = await manifests.get(target);
    memory.note(path, target, content);
    return content;
  };
  return {
    get,
    head: async (target) => (host === dockerHub ? manifests.head(target) : (await get(target))?.descriptor),
    async put(target, mediaType, bytes, known) {
      const descriptor = await manifests.put(target, mediaType, bytes, known);
      memory.note(path, target, { descriptor, bytes: Buffer.from(bytes) });
      return descriptor;
    },
    async delete(target) {
      memory.forget(path, target);
      return manifests.delete(target);
    },
  };
}

const rememberingBlobs = ({ path, blobs }: Repository, memory: Memory): Blobs => ({
  ...blobs,
  async get(blob) {
    const kept = memory.get(path, blob.digest);
    if (kept) return Readable.from([kept.bytes], { objectMode: false });
    const stream = await blobs.get(blob);
    if (!isConfig(blob)) return stream;
    const bytes = await buffer(stream);
    memory.note(path, blob.digest, { descriptor: blob, bytes });
    return Readable.from([bytes], { objectMode: false });
  },
  async put(descriptor, source) {
    await blobs.put(descriptor, source);
    if (source instanceof Uint8Array) memory.note(path, descriptor.digest, { descriptor, bytes: Buffer.from(source) });
  },
});

const isConfig = ({ mediaType, size }: Descriptor): boolean =>
  size <= documentLimit && (mediaType === oci.config || mediaType === docker.config);

/** As much as a run over thousands of images needs. */
const limit = 32 * 1024 * 1024;

class Memory {
  readonly #contents = new Map<string, ManifestContent>();
  readonly #tags = new Map<string, Digest | "absent">();
  #size = 0;

  get(repository: string, target: string): ManifestContent | undefined {
    return this.#contents.get(`${repository}@${target}`);
  }

  seen(repository: string, tag: string): ManifestContent | "absent" | undefined {
    const digest = this.#tags.get(`${repository}:${tag}`);
    return digest === "absent" ? digest : digest && this.get(repository, digest);
  }

  note(repository: string, target: string, content: ManifestContent | undefined): void {
    const isTag = parseDigest(target) === undefined;
    if (isTag) this.#tags.set(`${repository}:${target}`, content?.descriptor.digest ?? "absent");
    if (content) this.#keep(`${repository}@${content.descriptor.digest}`, content);
  }

  forget(repository: string, target: string): void {
    this.#tags.delete(`${repository}:${target}`);
    this.#contents.delete(`${repository}@${target}`);
  }

  #keep(key: string, content: ManifestContent): void {
    if (this.#contents.has(key) || content.bytes.length > limit / 64) return;
    this.#contents.set(key, content);
    this.#size += content.bytes.length;
    for (const [oldest, { bytes }] of this.#contents) {
      if (this.#size <= limit) return;
      this.#contents.delete(oldest);
      this.#size -= bytes.length;
    }
  }
}
