import type { FactsCache } from "../../../contents/cache.ts";
import { isRead } from "../../../contents/merge.ts";
import type { LayerFacts, ReadLayer } from "../../../contents/model.ts";
import { readAndKeep } from "../../../contents/obtain.ts";
import { Budget } from "../../../files/limits.ts";
import type { Digest } from "../../../oci/digest.ts";
import type { ImageLayer, StageState } from "../evaluate/stage-state.ts";

/** The facts of a made image: those of its base that are known, and of each layer that is a file of this run. */
export async function factsOfStage(
  state: Pick<StageState, "baseFacts">,
  layers: readonly ImageLayer[],
  cache: FactsCache,
): Promise<readonly LayerFacts[]> {
  const base = new Map((await state.baseFacts()).map((each) => [each.diffId, each]));
  const own = await factsOfLayers(layers, new Set(base.keys()), cache);
  const known = new Map([...base, ...own.filter(isRead).map((each): [Digest, LayerFacts] => [each.diffId, each])]);
  return layers.flatMap(({ diffId }) => known.get(diffId) ?? []);
}

/** Of those layers that are not known otherwise: from the cache, else of what is a file of this run. */
export async function factsOfLayers(
  layers: readonly ImageLayer[],
  known: ReadonlySet<Digest>,
  cache: FactsCache,
): Promise<readonly ReadLayer[]> {
  const found: ReadLayer[] = [];
  for (const layer of layers.filter(({ diffId }) => !known.has(diffId))) {
    const { diffId } = layer;
    const cached = await cache.get(diffId);
    if (cached) found.push(cached);
    else if (layer.origin.kind !== "file")
      found.push({ diffId, problem: "nothing tells of it, and it lies in a registry" });
    else {
      const budget = new Budget(Number.POSITIVE_INFINITY);
      found.push((await readAndKeep({ tar: await layer.open(), diffId, budget }, cache)).facts);
    }
  }
  return found;
}
