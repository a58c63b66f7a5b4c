import type { Blobs, Listings, Manifests, Registries, Registry, Repository } from "./model.ts";
import { wrapRepositories } from "./wrap.ts";

/** Registries in front of which something is read first: what a run has put into a layout is found there, the rest outside. */
export function overlayRegistries(first: Registry, registries: Registries): Registries {
  const { registryFor } = wrapRepositories(registries, (second) => overlay(first.repository(second.path), second));
  return { registryFor, close: () => registries.close() };
}

/** Reads from the first that has it; writes to the second. */
const overlay = (first: Repository, second: Repository): Repository => ({
  ...second,
  manifests: overlayManifests(first.manifests, second.manifests),
  blobs: overlayBlobs(first.blobs, second.blobs),
  listings: overlayListings(first.listings, second.listings),
});

const overlayManifests = (first: Manifests, second: Manifests): Manifests => ({
  ...second,
  head: async (target) => (await first.head(target)) ?? second.head(target),
  get: async (target) => (await first.get(target)) ?? second.get(target),
});

const overlayBlobs = (first: Blobs, second: Blobs): Blobs => ({
  ...second,
  head: async (digest) => (await first.head(digest)) ?? second.head(digest),
  get: async (blob) => ((await first.head(blob.digest)) ? first : second).get(blob),
});

const overlayListings = (first: Listings, second: Listings): Listings => ({
  ...second,
  async referrers(...asked) {
    const found = await first.referrers(...asked);
    return found.length > 0 ? found : second.referrers(...asked);
  },
});
