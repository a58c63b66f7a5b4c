import type { ChangedPaths } from "./changed-paths.ts";
import type { DifferenceKind, FoundPlace, FreezeVerdict, NameDifference } from "./model.ts";
import type { View } from "./view.ts";

/** What a name leads to in one image. */
export interface ResolvedName {
  /** Where it was found, with a slash, links not followed. */
  readonly path: string;
  /** The file or folder that it is, links followed, without a slash. */
  readonly real: string;
}

export type ResolvedNames = ReadonlyMap<string, ResolvedName>;

/** A science image and what is built on it. */
export interface Sides {
  readonly before: View;
  readonly after: View;
  readonly changed: ChangedPaths;
}

/** What is known of a place, beyond its path. */
export type VersionOf = (view: View, name: string, found: ResolvedName) => string | undefined;

/** What of the names of `before` leads elsewhere, and what is new, by name. */
export function compareNames(
  kind: DifferenceKind,
  [before, after]: readonly [ResolvedNames, ResolvedNames],
  sides: Sides,
  versionOf: VersionOf = () => undefined,
): NameDifference[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before.get(name), after.get(name)];
    const outcome = outcomeOf(old, now, sides);
    if (outcome === "same") return [];
    const place = (view: View, found: ResolvedName): FoundPlace => placeOf(view, found, versionOf(view, name, found));
    return {
      kind,
      name,
      outcome,
      ...(old && { before: place(sides.before, old) }),
      ...(now && { after: place(sides.after, now) }),
    };
  });
}

function outcomeOf(
  old: ResolvedName | undefined,
  now: ResolvedName | undefined,
  { before, after, changed }: Sides,
): FreezeVerdict {
  if (!old) return "added";
  if (!now) return "removed";
  if (old.real === now.real) return changed.touches(old.real) ? "changed" : "same";
  return before.identity(old.real) === after.identity(now.real) ? "moved" : "changed";
}

function placeOf(view: View, { path, real }: ResolvedName, version: string | undefined): FoundPlace {
  const link = view.facts.index.get(path.replace(/^\/+/, ""))?.layer ?? 0;
  return { path, ...(version !== undefined && { version }), layer: Math.max(link, view.newestLayer(real)) };
}
