import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { error } from "../../src/diagnostics/diagnostic.ts";
import { FailedError } from "../../src/diagnostics/failure.ts";
import type { Registries, Repository as RegistryRepository } from "../../src/registry/model.ts";
import { wrapRepositories } from "../../src/registry/wrap.ts";
import { openSession, type Session } from "../../src/run/session.ts";
import { type MemoryRegistries, memoryRegistries } from "../support/memory-registry.ts";
import { type Files, type Repository, repositoryAt } from "../support/repository.ts";

/** How many rounds of a long test are run here: all with `IMAGE_BUILDER_LONG=all`, as `test/long` sets it, else a tenth. */
export const roundsOf = (all: number): number =>
  process.env["IMAGE_BUILDER_LONG"] === "all" ? all : Math.ceil(all / 10);

/** Numbers from 0 to 1 that are the same for the same seed: https://en.wikipedia.org/wiki/Xorshift */
export function random(seed: number): () => number {
  let state = (seed * 2654435761) >>> 0 || 1;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let warm = 0; warm < 8; warm += 1) next();
  return next;
}

/** Done before every request of a clone. */
export type Before = (repository: string, method: string, target: string) => void | Promise<void>;

export interface LongWorld {
  readonly store: MemoryRegistries;
  readonly host: string;
  readonly origin: Repository;
  /** Another clone of the origin, as far as it is by now. */
  readonly clone: () => Repository;
  /** Uses a session in a clone, whose requests wait for `before`. */
  readonly use: <T>(
    clone: Repository,
    verb: (session: Session) => Promise<T>,
    before?: Before,
    environment?: Record<string, string>,
  ) => Promise<T>;
  readonly remove: () => void;
}

/** A catalogue with a registry in this process. */
export function longWorld(files: Files): LongWorld {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-long-"));
  const host = "registry.test";
  const origin = repositoryAt(emptyFolder(folder, "origin"), {
    ...files,
    "image-builder.json": { repo: `${host}/images` },
  });
  execFileSync("git", ["init", "-q", "--bare", join(folder, "remote")]);
  origin.git("remote", "add", "origin", join(folder, "remote"));
  const store = memoryRegistries();
  let clones = 0;
  return {
    store,
    host,
    origin,
    clone() {
      const path = join(folder, `clone-${(clones += 1)}`);
      execFileSync("git", ["clone", "-q", origin.path, path]);
      const made = repositoryAt(path);
      made.git("remote", "set-url", "origin", join(folder, "remote"));
      return made;
    },
    async use(clone, verb, before = () => undefined, more = {}) {
      const state = join(clone.path, ".git/state");
      const environment = { ...process.env, XDG_STATE_HOME: state, XDG_CACHE_HOME: join(folder, "cache"), ...more };
      const signal = new AbortController().signal;
      const opened = openSession({ root: clone.path, environment, signal });
      const registries = watched(store, before);
      const session = Object.create(opened, {
        asking: { value: async () => registries },
        moving: { value: async () => registries },
      }) as Session;
      try {
        return await verb(session);
      } finally {
        await opened.close();
      }
    },
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

function emptyFolder(folder: string, name: string): string {
  execFileSync("mkdir", [join(folder, name)]);
  return join(folder, name);
}

const watched = (store: MemoryRegistries, before: Before): Registries => ({
  close: async () => undefined,
  ...wrapRepositories(store, (repository) => guarded(repository, before)),
});

function guarded(repository: RegistryRepository, before: Before): RegistryRepository {
  const { path, manifests, blobs, listings } = repository;
  return {
    ...repository,
    manifests: {
      head: async (target) => (await before(path, "head", target), manifests.head(target)),
      get: async (target) => (await before(path, "get", target), manifests.get(target)),
      put: async (target, type, bytes) => (await before(path, "put", target), manifests.put(target, type, bytes)),
      delete: async (target) => (await before(path, "delete", target), manifests.delete(target)),
    },
    blobs: {
      ...blobs,
      put: async (blob, source) => (await before(path, "put-blob", blob.digest), blobs.put(blob, source)),
    },
    listings: {
      ...listings,
      tags: async () => (await before(path, "tags", ""), listings.tags()),
    },
  };
}

/** Lets so many requests pass and none after them: what a registry and a clone have then is what a killed process leaves. */
export function killedAfter(requests: number): Before {
  let seen = 0;
  return () => {
    seen += 1;
    if (seen > requests) throw new FailedError([error("killed", "the process is gone")]);
  };
}

/** What a tag of the registry holds: digest and labels. */
export function holding(world: LongWorld, repository: string, tag: string) {
  const stored = world.store.registryFor(world.host).store.repositories.get(`images/${repository}`);
  const digest = stored?.tags.get(tag);
  const manifest = digest === undefined ? undefined : stored?.manifests.get(digest);
  if (stored === undefined || digest === undefined || manifest === undefined) return undefined;
  const { config } = JSON.parse(manifest.bytes.toString("utf8")) as { config: { digest: never } };
  const image = JSON.parse(String(stored.blobs.get(config.digest))) as { config: { Labels: Record<string, string> } };
  return { digest: digest as string, labels: image.config.Labels };
}
