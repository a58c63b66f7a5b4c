import { FailedError } from "../diagnostics/failure.ts";
import { dockerHub } from "../oci/reference.ts";
import { RegistryFailure } from "./failures.ts";
import type { Registries, Registry, Repository } from "./model.ts";
import { wrapRepositories } from "./wrap.ts";

/** Mirrors of Docker Hub, in the order in which they are asked. */
type FindMirrors = () => Promise<readonly Registry[]>;

/**
 * The same registries, of which Docker Hub is read from its mirrors first, as an engine does it: images are called what they are
 * called there. `mirrors`: asked when an image of Docker Hub is. A mirror that is not there is not asked again.
 */
export function mirrorRegistries(registries: Registries, mirrors: FindMirrors): Registries {
  const silent = new Set<Registry>();
  const { registryFor } = wrapRepositories(registries, (repository) =>
    repository.host === dockerHub ? mirrored(repository, mirrors, silent) : repository,
  );
  return { registryFor, close: () => registries.close() };
}

function mirrored(hub: Repository, mirrors: FindMirrors, silent: Set<Registry>): Repository {
  const first = async <T>(ask: (repository: Repository) => Promise<T | undefined>): Promise<T | undefined> => {
    for (const mirror of await mirrors()) {
      const found = silent.has(mirror) ? undefined : await askMirror(mirror, hub.path, ask, silent);
      if (found !== undefined) return found;
    }
    return ask(hub);
  };
  return {
    ...hub,
    manifests: {
      ...hub.manifests,
      head: (target) => first(({ manifests }) => manifests.head(target)),
      get: (target) => first(({ manifests }) => manifests.get(target)),
    },
    blobs: {
      ...hub.blobs,
      head: (digest) => first(({ blobs }) => blobs.head(digest)),
      get: async (blob) => (await first(({ blobs }) => blobs.get(blob))) ?? hub.blobs.get(blob),
    },
  };
}

/** Undefined where it does not have it, for whatever reason: Docker Hub has the last word. */
async function askMirror<T>(
  mirror: Registry,
  path: string,
  ask: (repository: Repository) => Promise<T | undefined>,
  silent: Set<Registry>,
): Promise<T | undefined> {
  try {
    return await ask(mirror.repository(path));
  } catch (failure) {
    if (!(failure instanceof FailedError)) throw failure;
    if (failure instanceof RegistryFailure && failure.status === undefined) silent.add(mirror);
    return undefined;
  }
}
