import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { referrerOf } from "../../src/registry/manifest-facts.ts";
import type { Blobs, Listings, Manifests, Registries, Registry, Repository } from "../../src/registry/model.ts";

export interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
}

/** What a registry keeps of one repository. */
export interface StoredRepository {
  readonly blobs: Map<Digest, Buffer>;
  readonly manifests: Map<Digest, StoredManifest>;
  readonly tags: Map<string, Digest>;
}

/** The content of a registry, in memory. */
export class RegistryStore {
  readonly repositories = new Map<string, StoredRepository>();

  repository(name: string): StoredRepository {
    const found = this.repositories.get(name) ?? { blobs: new Map(), manifests: new Map(), tags: new Map() };
    this.repositories.set(name, found);
    return found;
  }

  manifest(name: string, target: string): (StoredManifest & { readonly digest: Digest }) | undefined {
    const repository = this.repositories.get(name);
    const digest = repository?.tags.get(target) ?? (target as Digest);
    const found = repository?.manifests.get(digest);
    return found && { ...found, digest };
  }

  storeManifest(name: string, target: string, manifest: StoredManifest): Digest {
    const digest = sha256Digest(manifest.bytes);
    const repository = this.repository(name);
    repository.manifests.set(digest, manifest);
    if (target !== digest) repository.tags.set(target, digest);
    return digest;
  }

  deleteManifest(name: string, target: string): boolean {
    const repository = this.repository(name);
    if (repository.tags.delete(target)) return true;
    for (const [tag, digest] of repository.tags) if (digest === target) repository.tags.delete(tag);
    return repository.manifests.delete(target as Digest);
  }

  referrers(name: string, subject: Digest): Descriptor[] {
    const manifests = [...(this.repositories.get(name)?.manifests ?? [])];
    const facts = manifests.map(([digest, { mediaType, bytes }]) => referrerOf(mediaType, bytes, digest));
    return facts.flatMap((each) => (each?.subject === subject ? [each.referrer] : []));
  }
}

/** All requests that a registry answers, in one place. */
export interface Endpoints {
  headManifest(repository: string, ...rest: Parameters<Manifests["head"]>): ReturnType<Manifests["head"]>;
  getManifest(repository: string, ...rest: Parameters<Manifests["get"]>): ReturnType<Manifests["get"]>;
  putManifest(repository: string, ...rest: Parameters<Manifests["put"]>): ReturnType<Manifests["put"]>;
  deleteManifest(repository: string, ...rest: Parameters<Manifests["delete"]>): ReturnType<Manifests["delete"]>;
  listTags(repository: string): ReturnType<Listings["tags"]>;
  listReferrers(repository: string, ...rest: Parameters<Listings["referrers"]>): ReturnType<Listings["referrers"]>;
  headBlob(repository: string, ...rest: Parameters<Blobs["head"]>): ReturnType<Blobs["head"]>;
  getBlob(repository: string, ...rest: Parameters<Blobs["get"]>): ReturnType<Blobs["get"]>;
  putBlob(repository: string, ...rest: Parameters<Blobs["put"]>): ReturnType<Blobs["put"]>;
  mountBlob(repository: string, ...rest: Parameters<Blobs["mount"]>): ReturnType<Blobs["mount"]>;
}

/** The roles of a repository, made of these. */
export const repositoryOf = (host: string, path: string, endpoints: Endpoints): Repository => ({
  host,
  path,
  manifests: {
    head: (target) => endpoints.headManifest(path, target),
    get: (target) => endpoints.getManifest(path, target),
    put: (target, mediaType, bytes) => endpoints.putManifest(path, target, mediaType, bytes),
    delete: (target) => endpoints.deleteManifest(path, target),
  },
  blobs: {
    head: (digest) => endpoints.headBlob(path, digest),
    get: (blob) => endpoints.getBlob(path, blob),
    put: (blob, source) => endpoints.putBlob(path, blob, source),
    mount: (digest, from) => endpoints.mountBlob(path, digest, from),
  },
  listings: {
    tags: () => endpoints.listTags(path),
    referrers: (subject, artifactType) => endpoints.listReferrers(path, subject, artifactType),
  },
});

/** A registry without a network, for tests of what publishes and reads. `calls` are the names of its methods as they were called. */
export interface MemoryRegistry extends Registry {
  /** What the roles of every repository call; a test may put another in place of one. */
  readonly endpoints: Endpoints;
  readonly store: RegistryStore;
  readonly calls: string[];
}

export function memoryRegistry(host = "registry.test"): MemoryRegistry {
  const store = new RegistryStore();
  const calls: string[] = [];
  const answers: Endpoints = {
    headManifest: async (repository, target) => describe(store, repository, target),
    async getManifest(repository, target) {
      const descriptor = describe(store, repository, target);
      return descriptor && { descriptor, bytes: Buffer.from(store.manifest(repository, target)?.bytes ?? []) };
    },
    async putManifest(repository, target, mediaType, bytes) {
      const digest = store.storeManifest(repository, target, { mediaType, bytes: Buffer.from(bytes) });
      return { mediaType, digest, size: bytes.length };
    },
    deleteManifest: async (repository, target) => store.deleteManifest(repository, target),
    listTags: async (repository) => [...(store.repositories.get(repository)?.tags.keys() ?? [])].sort(),
    listReferrers: async (repository, subject, artifactType) =>
      store
        .referrers(repository, subject)
        .filter((each) => artifactType === undefined || each.artifactType === artifactType),
    async headBlob(repository, digest) {
      const bytes = store.repositories.get(repository)?.blobs.get(digest);
      return bytes && { mediaType: "application/octet-stream", digest, size: bytes.length };
    },
    async getBlob(repository, { digest }) {
      const bytes = store.repositories.get(repository)?.blobs.get(digest);
      if (!bytes) throw new Error(`no blob ${digest} in ${repository}`);
      return Readable.from([Buffer.from(bytes)], { objectMode: false });
    },
    async putBlob(repository, blob, source) {
      const bytes = source instanceof Uint8Array ? Buffer.from(source) : await buffer(source());
      if (sha256Digest(bytes) !== blob.digest || bytes.length !== blob.size)
        throw new Error(`wrong content for ${blob.digest}`);
      store.repository(repository).blobs.set(blob.digest, bytes);
    },
    async mountBlob(repository, digest, fromRepository) {
      const bytes = store.repositories.get(fromRepository)?.blobs.get(digest);
      if (bytes) store.repository(repository).blobs.set(digest, bytes);
      return bytes !== undefined;
    },
  };
  const endpoints = recorded(answers, calls);
  return { host, repository: (path) => repositoryOf(host, path, endpoints), endpoints, store, calls };
}

export interface MemoryRegistries extends Registries {
  registryFor(host: string): MemoryRegistry;
}

/** One memory registry per host. */
export function memoryRegistries(): MemoryRegistries {
  const open = new Map<string, MemoryRegistry>();
  return {
    registryFor(host) {
      const registry = open.get(host) ?? memoryRegistry(host);
      open.set(host, registry);
      return registry;
    },
    close: async () => undefined,
  };
}

function describe(store: RegistryStore, repository: string, target: string): Descriptor | undefined {
  const found = store.manifest(repository, target);
  return found && { mediaType: found.mediaType, digest: found.digest, size: found.bytes.length };
}

/** Notes every call as `method repository target`. */
function recorded(answers: Endpoints, calls: string[]): Endpoints {
  const methods = Object.entries(answers).map(([name, method]: [string, unknown]) => [
    name,
    typeof method === "function"
      ? (...args: readonly unknown[]): unknown => {
          calls.push(
            [name, ...args.slice(0, 2).map((arg) => (typeof arg === "string" ? arg : (arg as Descriptor).digest))].join(
              " ",
            ),
          );
          return method(...args);
        }
      : method,
  ]);
  return Object.fromEntries(methods) as unknown as Endpoints;
}
