import type { Readable } from "node:stream";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { createHasher, type Digest, type Hasher } from "../oci/digest.ts";
import type { IndexCache } from "./cache.ts";
import { openLayer } from "./decompress.ts";
import { badLayer, inLayer, layerName } from "./errors.ts";
import { emptyIndex, FileIndex } from "./index.ts";
import { Budget, limits } from "./limits.ts";
import { type LayerListing, readListing } from "./listing.ts";
import { addLayer } from "./merge.ts";

/** An image whose files are asked for. */
export interface IndexedImage {
  /** As problems call it. */
  readonly name: string;
  /** Digests of the uncompressed layers, lowest first. */
  readonly diffIds: readonly Digest[];
  /** The same layers as blobs. */
  readonly layers: readonly Descriptor[];
  /** Ends the reading. */
  readonly signal?: AbortSignal | undefined;
  openBlob(layer: Descriptor): Promise<Readable>;
  /** An index that somebody attached to the image. */
  attached(): Promise<FileIndex | undefined>;
  /** Reads a layer for more than its listing, as `checkedLayer` does. */
  readonly readLayer?: ((layer: TarOfLayer) => Promise<LayerListing>) | undefined;
  /** Told when the layers had to be read. */
  read?(index: FileIndex): void;
}

/** A layer that goes by, uncompressed; `diffId` is what its digest has to be. */
export interface TarOfLayer {
  readonly tar: AsyncIterable<Buffer>;
  readonly diffId: Digest;
  readonly budget: Budget;
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
  const { name, layers, diffIds } = image;
  if (layers.length !== diffIds.length)
    throw badImage(`${name} has ${layers.length} layers by its manifest and ${diffIds.length} by its config`);
  if (layers.length > limits.layers)
    throw badImage(`${name} has ${layers.length} layers, more than the ${limits.layers} that can be stacked`);
  const budget = new Budget(layers.reduce((sum, { size }) => sum + size, 0));
  return indexBelow(image, cache, layers.length, budget);
}

/** Compressed bytes of a layer from which on the index up to it is kept for other images that begin alike. */
const worthKeeping = 16 * 1024 * 1024;

/** The index of the first layers of an image. Images that begin alike and are looked at side by side share the reading. */
function indexBelow(image: IndexedImage, cache: IndexCache, count: number, budget: Budget): Promise<FileIndex> {
  const layer = image.layers[count - 1];
  if (!layer) return Promise.resolve(emptyIndex());
  const layers = image.diffIds.slice(0, count);
  return cache.together(layers, async () => {
    const cached = await cache.get(layers);
    if (cached) return cached;
    const below = await indexBelow(image, cache, count - 1, budget);
    const index = await withLayer(below, image, count - 1, budget);
    if (layer.size >= worthKeeping) await cache.put(index);
    return index;
  });
}

async function withLayer(below: FileIndex, image: IndexedImage, at: number, budget: Budget): Promise<FileIndex> {
  const { name, layers, diffIds, signal } = image;
  const [layer, diffId] = [layers[at] as Descriptor, diffIds[at] as Digest];
  try {
    const tar = openLayer(layer, await image.openBlob(layer), signal);
    const listing = await readWith(image, { tar, diffId, budget });
    return await addLayer(below, diffId, listing, budget, signal);
  } catch (cause) {
    throw inLayer(layerName(name, at, layers.length, layer.digest), cause, signal);
  }
}

const readWith = ({ readLayer }: IndexedImage, layer: TarOfLayer): Promise<LayerListing> =>
  readLayer ? readLayer(layer) : checkedLayer(layer, (tar) => readListing(tar, layer.budget));

/** What `read` makes of a layer. Throws `FailedError` when the layer is another than its digest says. */
export async function checkedLayer<T>(
  { tar, diffId, budget }: TarOfLayer,
  read: (tar: AsyncIterable<Buffer>) => Promise<T>,
): Promise<T> {
  const hasher = createHasher();
  const result = await read(hashed(tar, hasher, budget));
  if (hasher.end().digest !== diffId) throw badLayer("is not the one that the image's config names");
  return result;
}

async function* hashed(source: AsyncIterable<Buffer>, hasher: Hasher, budget: Budget): AsyncGenerator<Buffer> {
  for await (const part of source) {
    hasher.update(part);
    budget.read(part.length);
    yield part;
  }
}

const badImage = (message: string): FailedError => new FailedError([error("bad-image", message)]);
