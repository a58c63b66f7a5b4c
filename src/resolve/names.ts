import { contentPlace, type FileEntry } from "../files/entry.ts";
import type { DifferenceKind, FoundPlace, FreezeVerdict, NameDifference } from "./model.ts";

/** What a name leads to in one image. */
export interface ResolvedName {
  /** Where it was found, with a slash, links not followed. */
  readonly path: string;
  /** Where it is, links followed, without a slash. */
  readonly real: string;
  /** Equal for what is the same wherever it lies. */
  readonly identity: string;
  readonly version?: string;
  readonly layer: number;
}

export type ResolvedNames = ReadonlyMap<string, ResolvedName>;

/** Equal for files of the same bytes. */
export function identityOf(entry: FileEntry): string {
  const { layer, path } = contentPlace(entry);
  return entry.digest ?? `${layer}:${path}`;
}

/** What of the names of `before` leads elsewhere, and what is new, by name. */
export function compareNames(kind: DifferenceKind, before: ResolvedNames, after: ResolvedNames): NameDifference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    const outcome = outcomeOf(old, now);
    if (outcome === "same") return [];
    return { kind, name, outcome, ...(old && { before: placeOf(old) }), ...(now && { after: placeOf(now) }) };
  });
}

function outcomeOf(before: ResolvedName | undefined, after: ResolvedName | undefined): FreezeVerdict {
  if (!before) return "added";
  if (!after) return "removed";
  if (before.identity !== after.identity) return "changed";
  return before.real === after.real ? "same" : "moved";
}

const placeOf = ({ path, version, layer }: ResolvedName): FoundPlace => ({
  path,
  ...(version !== undefined && { version }),
  layer,
});
