import type { FileIndex } from "../../../files/index.ts";
import { Budget } from "../../../files/limits.ts";
import type { LayerListing, ListedEntry } from "../../../files/listing.ts";
import { addLayer } from "../../../files/merge.ts";
import {
  type ImageLayer,
  isNewLayer,
  type LayerEntry,
  type StageLayer,
  type StageState,
} from "../evaluate/stage-state.ts";
import type { Sources } from "./sources.ts";
import type { Node } from "./tree.ts";

/** The index of a made image: that of its base, and the entries of each new layer. `written`: the same layers. No layer is read for it. */
export async function indexOfStage(
  state: StageState,
  layers: readonly StageLayer[],
  written: readonly ImageLayer[],
  sources: Pick<Sources, "text">,
): Promise<FileIndex> {
  let index = await state.baseIndex();
  for (const [at, layer] of layers.entries()) {
    const diffId = written[at]?.diffId;
    if (!diffId || !isNewLayer(layer)) continue;
    index = await addLayer(
      index,
      diffId,
      await listingOf(layer.entries, sources),
      new Budget(Number.POSITIVE_INFINITY),
    );
  }
  return index;
}

async function listingOf(entries: readonly LayerEntry[], sources: Pick<Sources, "text">): Promise<LayerListing> {
  const listed = new Map<string, ListedEntry>();
  const first = new Map<string, string>();
  const accounts: { passwd?: string; group?: string } = {};
  for (const { path, node } of entries) {
    const linked = node.identity === undefined ? undefined : first.get(node.identity);
    if (node.identity !== undefined && linked === undefined) first.set(node.identity, path);
    listed.set(path, listedEntry(path, node, linked));
    if (path === "etc/passwd" && node.content) accounts.passwd = await sources.text(node);
    if (path === "etc/group" && node.content) accounts.group = await sources.text(node);
  }
  return { entries: listed, removed: new Set(), emptied: new Set(), accounts };
}

function listedEntry(path: string, node: Node, linked: string | undefined): ListedEntry {
  const { content: _, identity: __, ...facts } = node;
  return { path, ...facts, ...(linked !== undefined && { linked }) };
}
