import { addAbortSignal } from "node:stream";
import type { Registries, Repository } from "../../../registry/model.ts";
import { wrapRepositories } from "../../../registry/wrap.ts";

/** The same registries for reading: a layer that is being read is given up when the run is interrupted. */
export const interruptible = (
  registries: Pick<Registries, "registryFor">,
  signal: AbortSignal,
): Pick<Registries, "registryFor"> =>
  wrapRepositories(registries, (repository): Repository => {
    const { blobs } = repository;
    return {
      ...repository,
      blobs: {
        ...blobs,
        async get(blob) {
          signal.throwIfAborted();
          return addAbortSignal(signal, await blobs.get(blob));
        },
      },
    };
  });
