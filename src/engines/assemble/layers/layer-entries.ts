import { parentPath } from "../../../files/entry.ts";
import { comparePaths } from "../../../oci/path-bytes.ts";
import type { LayerEntry } from "../evaluate/stage-state.ts";
import { fixedTime, folderNode, type Node, type Tree } from "../files/tree.ts";

/**
 * The entries of a layer with these changes, sorted so that folders come before what is in them. The folders on the way
 * are in it as they are in the image, because an engine that finds none in the layer makes them anew; their time is fixed,
 * so that the layer is the same on every base whose folders have the same mode and owner.
 */
export function layerEntries(changes: ReadonlyMap<string, Node>, files: Tree): LayerEntry[] {
  const entries = new Map(changes);
  for (const path of changes.keys()) addParents(path, entries, files);
  return [...entries]
    .filter(([path]) => path !== "")
    .map(([path, node]) => ({ path, node }))
    .sort((a, b) => comparePaths(a.path, b.path));
}

function addParents(path: string, entries: Map<string, Node>, files: Tree): void {
  for (let folder = parentPath(path); folder !== "" && !entries.has(folder); folder = parentPath(folder)) {
    entries.set(folder, { ...(files.get(folder) ?? folderNode), mtime: fixedTime });
  }
}
