import { FailedError } from "../diagnostics/failure.ts";
import { parentPath } from "../files/entry.ts";
import { emptyIndex, type FileIndex } from "../files/index.ts";
import { Budget } from "../files/limits.ts";
import type { LayerListing } from "../files/listing.ts";
import { addLayer } from "../files/merge.ts";
import type { ImageFacts, LayerFacts, ReadLayer, RecordEvent, RecordFact } from "./model.ts";
import { listingOf } from "./read-layer.ts";

/**
 * Puts the facts of layers together, lowest first. A layer that does not fit on those below it counts as unread. `compressed`: bytes
 * of the layers as they are stored, which bound what following their links may cost.
 */
export const mergeFacts = (layers: readonly ReadLayer[], compressed: number): Promise<ImageFacts> =>
  addToFacts({ index: emptyIndex(), layers: [], history: new Map() }, layers, compressed);

/** The same for an image that begins as another does. */
export async function addToFacts(
  below: ImageFacts,
  layers: readonly ReadLayer[],
  compressed: number,
): Promise<ImageFacts> {
  const budget = new Budget(compressed);
  const history = new Map([...below.history].map(([path, events]) => [path, [...events]]));
  const merged = [...below.layers];
  let { index } = below;
  for (const layer of layers) {
    const at = merged.length;
    const added = isRead(layer) ? await addFacts(index, layer, budget) : layer;
    if ("problem" in added) merged.push(added);
    else {
      merged.push(layer);
      remember(history, at, added.listing, layer as LayerFacts);
    }
    index = "problem" in added ? await addLayer(index, layer.diffId, emptyListing, budget) : added.index;
  }
  return { index, layers: merged, history };
}

export const isRead = (layer: ReadLayer): layer is LayerFacts => "facts" in layer;

async function addFacts(
  index: FileIndex,
  layer: LayerFacts,
  budget: Budget,
): Promise<{ readonly index: FileIndex; readonly listing: LayerListing } | Exclude<ReadLayer, LayerFacts>> {
  try {
    const listing = listingOf(layer);
    return { index: await addLayer(index, layer.diffId, listing, budget), listing };
  } catch (cause) {
    if (cause instanceof FailedError) return { diffId: layer.diffId, problem: cause.message };
    throw cause;
  }
}

const emptyListing: LayerListing = { entries: new Map(), removed: new Set(), emptied: new Set(), accounts: {} };

function remember(
  history: Map<string, RecordEvent[]>,
  layer: number,
  listing: LayerListing,
  { facts }: LayerFacts,
): void {
  if (listing.removed.size + listing.emptied.size > 0)
    for (const [path, events] of history) if (isGone(path, listing)) events.push({ layer, fact: undefined });
  for (const { path, fact: number } of listing.entries.values()) {
    const fact = number === undefined ? undefined : facts[number];
    if (fact === undefined || !("ecosystem" in fact)) continue;
    history.set(path, [...(history.get(path) ?? []), { layer, fact: fact satisfies RecordFact }]);
  }
}

/** By the marks of the layer, for the path itself or a folder that it is in. */
function isGone(path: string, { removed, emptied }: LayerListing): boolean {
  if (removed.has(path)) return true;
  for (let at = parentPath(path); ; at = parentPath(at)) {
    if (removed.has(at) || emptied.has(at)) return true;
    if (at === "") return false;
  }
}
