import type { Readable } from "node:stream";
import { FailedError } from "../diagnostics/failure.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { createHasher, type Digest, type Hasher } from "../oci/digest.ts";
import type { IndexCache } from "./cache.ts";
import { openLayer } from "./decompress.ts";
import { badLayer } from "./errors.ts";
import { emptyIndex, FileIndex } from "./index.ts";
import { type LayerListing, readListing } from "./listing.ts";
import { addLayer } from "./merge.ts";

/** An image whose files are asked for. */
export interface IndexedImage {
  /** Digests of the uncompressed layers, lowest first. */
  readonly diffIds: readonly Digest[];
  /** The same layers as blobs. */
  readonly layers: readonly Descriptor[];
  openBlob(layer: Descriptor): Promise<Readable>;
  /** An index that somebody attached to the image. */
  attached(): Promise<FileIndex | undefined>;
  /** Told when the layers had to be read. */
  read?(index: FileIndex): void;
}

/**
 * The index of an image: from the cache, else from the registry, else by reading its layers once, from the first one
 * that is in no cached index. What was found outside of the cache is put into it.
 */
export async function obtainIndex(image: IndexedImage, cache: IndexCache): Promise<FileIndex> {
  const cached = await cache.get(image.diffIds);
  if (cached) return cached;
  const attached = await image.attached();
  const index = attached ?? (await streamIndex(image, cache));
  if (!attached) image.read?.(index);
  await cache.put(index);
  return index;
}

function streamIndex(image: IndexedImage, cache: IndexCache): Promise<FileIndex> {
  if (image.layers.length === image.diffIds.length) return indexBelow(image, cache, image.layers.length);
  throw badLayer("is missing: its config and manifest differ in number");
}

/** Compressed bytes of a layer from which on the index up to it is kept for other images that begin alike. */
const worthKeeping = 16 * 1024 * 1024;

/** The index of the first layers of an image. Images that begin alike and are looked at side by side share the reading. */
function indexBelow(image: IndexedImage, cache: IndexCache, count: number): Promise<FileIndex> {
  const [layer, diffId] = [image.layers[count - 1], image.diffIds[count - 1]];
  if (!layer || !diffId) return Promise.resolve(emptyIndex());
  const layers = image.diffIds.slice(0, count);
  return cache.together(layers, async () => {
    const cached = await cache.get(layers);
    if (cached) return cached;
    const below = await indexBelow(image, cache, count - 1);
    const index = addLayer(below, diffId, await readLayer(image, layer, diffId));
    if (layer.size >= worthKeeping) await cache.put(index);
    return index;
  });
}

async function readLayer(image: IndexedImage, layer: Descriptor, diffId: Digest): Promise<LayerListing> {
  const hasher = createHasher();
  const blob = await image.openBlob(layer);
  const listing = await readListing(hashed(openLayer(layer.mediaType, blob), hasher)).catch((cause: Error) => {
    throw cause instanceof FailedError ? cause : badLayer(`cannot be read: ${cause.message}`);
  });
  if (hasher.end().digest !== diffId) throw badLayer("is not the one that the image's config names");
  return listing;
}

async function* hashed(source: AsyncIterable<Buffer>, hasher: Hasher): AsyncGenerator<Buffer> {
  for await (const part of source) {
    hasher.update(part);
    yield part;
  }
}
