import { follow } from "../contents/follow.ts";
import { hasSameMeaning } from "./bookkeeping.ts";
import { isByteCode } from "./changed-paths.ts";
import type { Change } from "./changes.ts";
import type { FileDifference } from "./model.ts";
import type { Sides } from "./names.ts";

/** Files and links of the science image that are others or gone; many of them together as the folders that they are in. */
export function compareFiles(sides: Sides): FileDifference[] {
  const real = sides.changed.replaced.filter((change) => isDifferent(change, sides));
  const removed = real.filter(({ after }) => after === undefined);
  const changed = real.filter(({ after }) => after !== undefined);
  return [...grouped("changed", changed), ...grouped("removed", removed)];
}

function isDifferent(change: Change, sides: Sides): boolean {
  const { path, before } = change;
  if (before?.type === "directory" && change.after === undefined) return false;
  if (isByteCode(path) || hasSameMeaning(change, sides)) return false;
  const isPlain = before?.type === "file" && change.after?.type === "file";
  return isPlain || !leadsToSame(path, before?.type === "symlink", sides);
}

/** A link may lead there in another way, or a folder above be a link now. */
function leadsToSame(path: string, isLink: boolean, { before, after, changed }: Sides): boolean {
  const now = follow(after.facts.index, path);
  const old = now || isLink ? follow(before.facts.index, path) : undefined;
  if (!now) return isLink && !old;
  if (!old) return false;
  if (old.path === now.path) return !changed.touches(old.path);
  return old.type === now.type && before.identity(old.path) === after.identity(now.path);
}

function grouped(outcome: FileDifference["outcome"], changes: readonly Change[]): FileDifference[] {
  const paths = changes.map(({ path }) => path);
  const depth = depthFor(paths);
  const groups = new Map<string, { path: string; count: number; layer: number }>();
  for (const { path, after } of changes) {
    const key = cut(path, depth);
    const { count, layer } = groups.get(key) ?? { count: 0, layer: 0 };
    groups.set(key, { path: count === 0 ? path : key, count: count + 1, layer: Math.max(layer, after?.layer ?? 0) });
  }
  return [...groups.values()].map(({ path, count, layer }) => ({
    outcome,
    path: `/${path}`,
    count,
    ...(outcome === "changed" && { layer }),
  }));
}

/** Lines that a person reads. */
const most = 5;

/** As deep as the groups are not too many. */
function depthFor(paths: readonly string[]): number {
  for (let depth = 1; ; depth += 1) {
    const groups = new Set<string>();
    for (const path of paths) if (groups.add(cut(path, depth + 1)).size > most) return depth;
    if (paths.every((path) => cut(path, depth) === path)) return depth;
  }
}

const cut = (path: string, depth: number): string => path.split("/", depth).join("/");
