import type { FactsCache } from "../../../contents/cache.ts";
import type { LayerFacts } from "../../../contents/model.ts";
import { readAndKeep } from "../../../contents/obtain.ts";
import { Budget } from "../../../files/limits.ts";
import type { ImageLayer, StageState } from "../evaluate/stage-state.ts";

/** The facts of a made image: those of its base that are known, and of each layer that is a file of this run. */
export async function factsOfStage(
  state: Pick<StageState, "baseFacts">,
  layers: readonly ImageLayer[],
  cache: FactsCache,
): Promise<readonly LayerFacts[]> {
  const known = new Map((await state.baseFacts()).map((each) => [each.diffId, each]));
  for (const layer of layers) {
    const { diffId, origin } = layer;
    const cached = known.get(diffId) ?? (await cache.get(diffId));
    if (cached) known.set(diffId, cached);
    else if (origin.kind === "file") {
      const budget = new Budget(Number.POSITIVE_INFINITY);
      known.set(diffId, (await readAndKeep({ tar: await layer.open(), diffId, budget }, cache)).facts);
    }
  }
  return layers.flatMap(({ diffId }) => known.get(diffId) ?? []);
}
