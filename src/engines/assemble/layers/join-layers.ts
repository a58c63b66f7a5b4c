import type { HistoryEntry } from "../../../oci/config.ts";
import { comparePaths } from "../../../oci/path-bytes.ts";
import { isNewLayer, type LayerEntry, type NewLayer, type StageLayer } from "../evaluate/stage-state.ts";

/** Bytes of content up to which neighbouring layers become one. */
const small = 4 * 1024 * 1024;

interface LayersAndHistory {
  readonly layers: readonly StageLayer[];
  readonly history: readonly HistoryEntry[];
}

/**
 * Makes one layer of small neighbours: every layer costs each image a request when it is published, and every reader one
 * more. Large layers stay as they are, so that a change beside them sends no byte of them; so do those that are made for one
 * base alone, which would keep what is shared from being so.
 */
export function joinLayers({ layers, history }: LayersAndHistory): LayersAndHistory {
  const joined: StageLayer[] = [];
  const merged = new Set<number>();
  for (const [at, layer] of layers.map(apart).entries()) {
    const both = joinTwo(joined.at(-1), layer);
    if (both) joined[joined.length - 1] = both;
    else joined.push(layer);
    if (both) merged.add(at - 1);
  }
  return { layers: joined, history: withoutLayers(history, layers.length, merged) };
}

function joinTwo(below: StageLayer | undefined, above: StageLayer): NewLayer | undefined {
  if (!below || !isNewLayer(below) || !isNewLayer(above) || below.ofOneBase || above.ofOneBase) return undefined;
  if (sizeOf(below.entries) + sizeOf(above.entries) > small) return undefined;
  const entries = new Map(below.entries.map((entry) => [entry.path, entry]));
  for (const entry of above.entries) {
    const hidden = entries.get(entry.path);
    // A folder in the place of something else, or the reverse, needs both layers to come out right.
    if (hidden && (hidden.node.type === "directory") !== (entry.node.type === "directory")) return undefined;
    entries.set(entry.path, entry);
  }
  return { entries: [...entries.values()].sort((a, b) => comparePaths(a.path, b.path)), ofOneBase: false };
}

/** Two instructions that copy one file make two files of it, not one with two names. Layers are counted from the last one of a base. */
function apart(layer: StageLayer, at: number, layers: readonly StageLayer[]): StageLayer {
  if (!isNewLayer(layer)) return layer;
  const first = layers.findIndex(isNewLayer);
  const own = ({ path, node }: LayerEntry): LayerEntry =>
    node.identity === undefined
      ? { path, node }
      : { path, node: { ...node, identity: `${at - first} ${node.identity}` } };
  return { ...layer, entries: layer.entries.map(own) };
}

const sizeOf = (entries: readonly LayerEntry[]): number => entries.reduce((sum, { node }) => sum + node.size, 0);

/** The entries of history whose layer has gone into the next; the last entries with a layer belong to the last layers. */
function withoutLayers(history: readonly HistoryEntry[], layers: number, merged: ReadonlySet<number>): HistoryEntry[] {
  let at = layers;
  return [...history]
    .reverse()
    .map((entry) => (!entry.empty_layer && merged.has((at -= 1)) ? { ...entry, empty_layer: true } : entry))
    .reverse();
}
