import { contentPlace, type FileEntry, joinPath, parentPath } from "./entry.ts";
import { badLayer } from "./errors.ts";
import type { FileIndex } from "./index.ts";
import type { Budget } from "./limits.ts";
import type { LayerListing, ListedEntry } from "./listing.ts";
import type { Pauses } from "./pauses.ts";

/**
 * The layer's entries at the paths where an engine puts them. It unpacks a layer by itself: a parent that is a symbolic link of the
 * same layer is followed, and a folder that the layer leaves out is made anew, whatever a lower layer has there.
 */
export async function placeEntries(
  base: FileIndex,
  listing: LayerListing,
  budget: Budget,
  pauses: Pauses,
): Promise<Map<string, FileEntry>> {
  const placing: Placing = { base, listing, added: new Map(), layer: base.layers.length, budget };
  for (const entry of listing.entries.values()) {
    const path = placePath(entry.path, placing);
    placing.added.set(path, placed({ ...entry, path }, entry.path, placing));
    await pauses.due();
  }
  return placing.added;
}

interface Placing {
  readonly base: FileIndex;
  readonly listing: LayerListing;
  readonly added: Map<string, FileEntry>;
  /** Number of the layer. */
  readonly layer: number;
  readonly budget: Budget;
}

/** Follows links among the parents and adds the folders that the layer leaves out. */
function placePath(path: string, placing: Placing): string {
  const parent = parentPath(path);
  if (parent === "" || placing.added.get(parent)?.type === "directory") return path;
  return joinPath(resolveParent(parent, placing), path.slice(parent.length + 1));
}

function resolveParent(parent: string, placing: Placing): string {
  const { added, layer, budget } = placing;
  let at = "";
  const left = parent.split("/").reverse();
  for (let links = 0; left.length > 0; ) {
    const name = left.pop() ?? "";
    const path = joinPath(at, name);
    budget.step(path);
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = parentPath(at);
      continue;
    }
    const entry = added.get(path);
    if (entry?.type === "symlink" && (links += 1) <= 40) {
      left.push(...(entry.link ?? "").split("/").reverse());
      if (entry.link?.startsWith("/")) at = "";
      continue;
    }
    if (entry?.type !== "directory") {
      budget.keep(path.length);
      added.set(path, { ...missingFolder, path, layer });
    }
    at = path;
  }
  return at;
}

const missingFolder = { type: "directory", mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 } as const;

/** `written`: the path in the layer, where its content is. */
function placed({ linked, ...entry }: ListedEntry, written: string, placing: Placing): FileEntry {
  const { added, base, layer, budget } = placing;
  const isElsewhere = entry.type === "file" && written !== entry.path;
  if (linked === undefined) return { ...entry, layer, ...(isElsewhere && { content: { layer, path: written } }) };
  const place = placePath(linked, placing);
  const target = added.get(place) ?? base.get(place);
  if (!target) throw badLayer(`has a hard link to a file that is not there: ${linked}`);
  // Each of the names is written with the attributes of them all.
  budget.keep(target.xattrs ? JSON.stringify(target.xattrs).length : 0);
  return { ...target, path: entry.path, layer, ...(target.type === "file" && { content: contentPlace(target) }) };
}
