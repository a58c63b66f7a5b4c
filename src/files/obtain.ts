import type { Readable } from "node:stream";
import type { Descriptor } from "../oci/descriptor.ts";
import { createHasher, type Digest, type Hasher } from "../oci/digest.ts";
import type { IndexCache } from "./cache.ts";
import { openLayer } from "./decompress.ts";
import { badLayer } from "./errors.ts";
import { emptyIndex, FileIndex } from "./index.ts";
import { readListing } from "./listing.ts";
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

async function streamIndex(image: IndexedImage, cache: IndexCache): Promise<FileIndex> {
  if (image.layers.length !== image.diffIds.length)
    throw badLayer("is missing: its config and manifest differ in number");
  let index = await longestCached(image.diffIds, cache);
  for (let at = index.layers.length; at < image.layers.length; at += 1) {
    const [layer, diffId] = [image.layers[at], image.diffIds[at]];
    if (!layer || !diffId) break;
    const hasher = createHasher();
    const listing = await readListing(hashed(openLayer(layer.mediaType, await image.openBlob(layer)), hasher));
    if (hasher.end().digest !== diffId) throw badLayer("is not the one that the image's config names");
    index = addLayer(index, diffId, listing);
  }
  return index;
}

async function longestCached(diffIds: readonly Digest[], cache: IndexCache): Promise<FileIndex> {
  for (let count = diffIds.length - 1; count > 0; count -= 1) {
    const index = await cache.get(diffIds.slice(0, count));
    if (index) return index;
  }
  return emptyIndex();
}

async function* hashed(source: AsyncIterable<Buffer>, hasher: Hasher): AsyncGenerator<Buffer> {
  for await (const part of source) {
    hasher.update(part);
    yield part;
  }
}
