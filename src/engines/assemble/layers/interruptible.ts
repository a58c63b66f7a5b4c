import { addAbortSignal } from "node:stream";
import type { Registries, Registry } from "../../../registry/model.ts";

/** The same registries for reading: a layer that is being read is given up when the run is interrupted. */
export const interruptible = (
  registries: Pick<Registries, "registryFor">,
  signal: AbortSignal,
): Pick<Registries, "registryFor"> => ({
  registryFor(host) {
    const registry = registries.registryFor(host);
    const getBlob: Registry["getBlob"] = async (repository, blob) => {
      signal.throwIfAborted();
      return addAbortSignal(signal, await registry.getBlob(repository, blob));
    };
    return {
      host: registry.host,
      headManifest: (...args) => registry.headManifest(...args),
      getManifest: (...args) => registry.getManifest(...args),
      putManifest: (...args) => registry.putManifest(...args),
      deleteManifest: (...args) => registry.deleteManifest(...args),
      listTags: (...args) => registry.listTags(...args),
      listReferrers: (...args) => registry.listReferrers(...args),
      headBlob: (...args) => registry.headBlob(...args),
      putBlob: (...args) => registry.putBlob(...args),
      mountBlob: (...args) => registry.mountBlob(...args),
      getBlob,
    };
  },
});
