import type { Registries, Registry } from "./model.ts";

/** Registries in front of which something is read first: what a run has put into a layout is found there, the rest outside. */
export function overlayRegistries(first: Registry, registries: Registries): Registries {
  return {
    registryFor: (host) => overlay(first, registries.registryFor(host)),
    close: () => registries.close(),
  };
}

/** Reads from the first that has it; writes to the second. */
function overlay(first: Registry, second: Registry): Registry {
  return {
    host: second.host,
    headManifest: async (...asked) => (await first.headManifest(...asked)) ?? second.headManifest(...asked),
    getManifest: async (...asked) => (await first.getManifest(...asked)) ?? second.getManifest(...asked),
    headBlob: async (...asked) => (await first.headBlob(...asked)) ?? second.headBlob(...asked),
    getBlob: async (repository, blob) =>
      ((await first.headBlob(repository, blob.digest)) ? first : second).getBlob(repository, blob),
    listReferrers: async (...asked) => {
      const found = await first.listReferrers(...asked);
      return found.length > 0 ? found : second.listReferrers(...asked);
    },
    listTags: (...asked) => second.listTags(...asked),
    putManifest: (...put) => second.putManifest(...put),
    deleteManifest: (...gone) => second.deleteManifest(...gone),
    putBlob: (...put) => second.putBlob(...put),
    mountBlob: (...mounted) => second.mountBlob(...mounted),
  };
}
