import { FailedError } from "../diagnostics/failure.ts";
import { openLayer } from "../files/decompress.ts";
import { Budget } from "../files/limits.ts";
import { checkedLayer, type TarOfLayer } from "../files/obtain.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { RemoteImage } from "../registry/image.ts";
import type { Registry } from "../registry/model.ts";
import type { FactsCache } from "./cache.ts";
import type { LayerFacts, ReadLayer } from "./model.ts";
import { readLayer } from "./read-layer.ts";
import { fetchFacts } from "./referrer.ts";

/** Facts of an image's layers, lowest first, and whether the registry has them all attached to this image. */
interface ObtainedFacts {
  readonly layers: readonly ReadLayer[];
  readonly attached: boolean;
}

/**
 * The facts of an image in a registry, of each layer from the cache, else of what is attached to the image, else by reading the
 * layer. `ask`: looks at what is attached also when nothing is missing, to know whether it is complete.
 */
export async function obtainFacts(
  registry: Registry,
  repository: string,
  image: FactsImage,
  cache: FactsCache,
  ask = false,
): Promise<ObtainedFacts> {
  const diffIds = image.config.rootfs.diff_ids;
  const { known, attached } = await knownFacts(registry, repository, image, cache, ask);
  const layers = new Map<Digest, ReadLayer>(known);
  for (const [at, diffId] of diffIds.entries()) {
    if (layers.has(diffId)) continue;
    const layer = image.manifest.layers[at];
    layers.set(diffId, layer ? await readRemote(registry, repository, layer, diffId, cache) : noBlob(diffId));
  }
  return { layers: diffIds.map((diffId) => layers.get(diffId) ?? noBlob(diffId)), attached };
}

type FactsImage = Pick<RemoteImage, "descriptor" | "manifest" | "config">;

interface KnownFacts {
  readonly known: ReadonlyMap<Digest, LayerFacts>;
  /** Whether the registry has the facts of all layers attached to this image; false where nobody asked. */
  readonly attached: boolean;
}

/** The facts that are in the cache or attached to an image: no layer is read. What is attached is put into the cache. */
export async function knownFacts(
  registry: Registry,
  repository: string,
  { descriptor, manifest, config }: FactsImage,
  cache: FactsCache,
  ask = false,
): Promise<KnownFacts> {
  const diffIds = config.rootfs.diff_ids;
  const known = new Map<Digest, LayerFacts>();
  for (const diffId of diffIds) {
    const cached = await cache.get(diffId);
    if (cached) known.set(diffId, cached);
  }
  if (!ask && diffIds.every((diffId) => known.has(diffId))) return { known, attached: false };
  const compressed = manifest.layers.reduce((sum, { size }) => sum + size, 0);
  // A registry that answers wrongly about referrers still has the layers.
  const found = await fetchFacts(registry, repository, descriptor.digest, diffIds, compressed).catch(
    () => new Map<Digest, LayerFacts>(),
  );
  for (const [diffId, facts] of found) {
    if (known.has(diffId)) continue;
    known.set(diffId, facts);
    await cache.put(facts);
  }
  return { known, attached: diffIds.every((diffId) => found.has(diffId)) };
}

async function readRemote(
  registry: Registry,
  repository: string,
  layer: Descriptor,
  diffId: Digest,
  cache: FactsCache,
): Promise<ReadLayer> {
  try {
    const tar = openLayer(layer, await registry.repository(repository).blobs.get(layer));
    return (await readAndKeep({ tar, diffId, budget: new Budget(layer.size) }, cache)).facts;
  } catch (cause) {
    if (cause instanceof FailedError) return { diffId, problem: cause.message };
    throw cause;
  }
}

const noBlob = (diffId: Digest): ReadLayer => ({ diffId, problem: "the manifest of the image has no such layer" });

/** Listing and facts of a layer, in one reading. Throws `FailedError` when it is another than its digest says. */
export async function readAndKeep(layer: TarOfLayer, cache: FactsCache): ReturnType<typeof readLayer> {
  const { diffId, budget } = layer;
  const read = await checkedLayer(layer, (tar) => readLayer(tar, diffId, budget));
  await cache.put(read.facts);
  return read;
}
