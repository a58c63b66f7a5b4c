import { Readable } from "node:stream";
import { type Digest, parseDigest } from "../oci/digest.ts";
import { dockerHub } from "../oci/reference.ts";
import type { ManifestContent, Registries, Registry } from "./model.ts";

/**
 * The same registries, which keep the manifests that pass by, and the configs that are sent: what is asked for by digest is
 * not fetched again. Asking for the descriptor of a tag fetches the manifest, since whoever asks for one nearly always wants
 * the other; not of Docker Hub, which counts that as a pull.
 */
export function rememberManifests(registries: Registries): Registries {
  const open = new Map<string, Registry>();
  return {
    registryFor(host) {
      const known = open.get(host) ?? remembering(registries.registryFor(host));
      open.set(host, known);
      return known;
    },
    close: () => registries.close(),
  };
}

/** What was last seen behind a tag; undefined when nobody has asked in this run, or this registry does not remember. */
export const lastSeen = (registry: Registry, repository: string, tag: string): ManifestContent | "absent" | undefined =>
  memories.get(registry)?.seen(repository, tag);

const memories = new WeakMap<Registry, Memory>();

function remembering(registry: Registry): Registry {
  const memory = new Memory();
  const getManifest: Registry["getManifest"] = async (repository, target) => {
    const kept = parseDigest(target) && memory.get(repository, target);
    if (kept) return kept;
    const content = await registry.getManifest(repository, target);
    memory.note(repository, target, content);
    return content;
  };
  const wrapped: Registry = {
    host: registry.host,
    listTags: (...args) => registry.listTags(...args),
    listReferrers: (...args) => registry.listReferrers(...args),
    headBlob: (...args) => registry.headBlob(...args),
    async getBlob(repository, blob) {
      const kept = memory.get(repository, blob.digest);
      return kept ? Readable.from([kept.bytes], { objectMode: false }) : registry.getBlob(repository, blob);
    },
    async putBlob(repository, descriptor, source) {
      await registry.putBlob(repository, descriptor, source);
      if (source instanceof Uint8Array)
        memory.note(repository, descriptor.digest, { descriptor, bytes: Buffer.from(source) });
    },
    mountBlob: (...args) => registry.mountBlob(...args),
    getManifest,
    async headManifest(repository, target) {
      if (registry.host === dockerHub) return registry.headManifest(repository, target);
      return (await getManifest(repository, target))?.descriptor;
    },
    async putManifest(repository, target, mediaType, bytes) {
      const descriptor = await registry.putManifest(repository, target, mediaType, bytes);
      memory.note(repository, target, { descriptor, bytes: Buffer.from(bytes) });
      return descriptor;
    },
    async deleteManifest(repository, target) {
      memory.forget(repository, target);
      return registry.deleteManifest(repository, target);
    },
  };
  memories.set(wrapped, memory);
  return wrapped;
}

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
