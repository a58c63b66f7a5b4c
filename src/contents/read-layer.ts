import { emptyIndex, type FileIndex } from "../files/index.ts";
import { Budget } from "../files/limits.ts";
import { type LayerListing, type ListedEntry, readListing } from "../files/listing.ts";
import { addLayer } from "../files/merge.ts";
import { decodeRecord, encodeRecord } from "../files/record.ts";
import type { Digest } from "../oci/digest.ts";
import { lookAtLayer } from "./look.ts";
import type { LayerFacts } from "./model.ts";

/** A layer's facts and its listing, in one reading of its tar. */
export async function readLayer(
  tar: AsyncIterable<Uint8Array>,
  diffId: Digest,
  budget: Budget,
): Promise<{ readonly listing: LayerListing; readonly facts: LayerFacts }> {
  const { look, end } = lookAtLayer();
  const listing = await readListing(tar, budget, look);
  return { listing, facts: factsOf(listing, diffId, end()) };
}

const factsOf = (listing: LayerListing, diffId: Digest, facts: LayerFacts["facts"]): LayerFacts => ({
  diffId,
  removed: [...listing.removed],
  emptied: [...listing.emptied],
  facts,
  lines: linesOf(listing.entries.values()),
});

/** A hard link stands as a line whose content is in another place. */
function linesOf(entries: Iterable<ListedEntry>): Buffer {
  const parts: Buffer[] = [];
  let lines: string[] = [];
  const flush = (): void => {
    if (lines.length > 0) parts.push(Buffer.from(`${lines.join("\n")}\n`, "latin1"));
    lines = [];
  };
  for (const { linked, ...entry } of entries) {
    const content = linked === undefined ? {} : { content: { layer: 0, path: linked } };
    if (lines.push(encodeRecord({ ...entry, layer: 0, ...content })) >= 4096) flush();
  }
  flush();
  return Buffer.concat(parts);
}

/** What the facts of a layer say it does to the layers below it. */
export function listingOf({ removed, emptied, facts, lines }: LayerFacts): LayerListing {
  const entries = new Map<string, ListedEntry>();
  for (let start = 0; start < lines.length; ) {
    const end = lines.indexOf(10, start);
    const { layer: _, content, ...entry } = decodeRecord(lines.toString("latin1", start, end));
    entries.set(entry.path, { ...entry, ...(content && { linked: content.path }) });
    start = end + 1;
  }
  const accounts = { ...textOf("passwd", entries, facts), ...textOf("group", entries, facts) };
  return { entries, removed: new Set(removed), emptied: new Set(emptied), accounts };
}

function textOf(
  name: "passwd" | "group",
  entries: ReadonlyMap<string, ListedEntry>,
  facts: LayerFacts["facts"],
): { readonly passwd?: string; readonly group?: string } {
  const fact = facts[entries.get(`etc/${name}`)?.fact ?? -1];
  return fact?.kind === "text" ? { [name]: fact.text } : {};
}

/** The index of an image's files as it is without facts. */
export async function plainIndex(layers: readonly LayerFacts[]): Promise<FileIndex> {
  let index = emptyIndex();
  for (const layer of layers) {
    const listing = listingOf(layer);
    const entries = new Map(
      [...listing.entries].map(([path, entry]) => {
        const { digest: _, fact: __, ...plain } = entry;
        return [path, plain];
      }),
    );
    index = await addLayer(index, layer.diffId, { ...listing, entries }, new Budget(Number.POSITIVE_INFINITY));
  }
  return index;
}
