import { contentPlace, type FileEntry } from "../files/entry.ts";
import { follow } from "./follow.ts";
import { isRead } from "./merge.ts";
import type { Fact, ImageFacts } from "./model.ts";

/** What was learned of the content of an entry; undefined where nothing was. */
export function factOf({ layers }: ImageFacts, entry: FileEntry): Fact | undefined {
  const layer = layers[contentPlace(entry).layer];
  return layer && isRead(layer) && entry.fact !== undefined ? layer.facts[entry.fact] : undefined;
}

/** A short file that programs read when they start, links followed; undefined where there is none. */
export function textAt(facts: ImageFacts, path: string): string | undefined {
  const entry = follow(facts.index, path);
  const fact = entry && factOf(facts, entry);
  return fact?.kind === "text" ? fact.text : undefined;
}
