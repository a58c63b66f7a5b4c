import { baseName, joinPath, parentPath } from "../../../files/entry.ts";
import { Pauses } from "../../../files/pauses.ts";
import { printablePath } from "../../../oci/path-bytes.ts";
import { AssembleError } from "../evaluate/assemble-error.ts";
import type { Overlay } from "../files/overlay.ts";
import { resolvePath } from "../files/resolve-path.ts";
import type { ArchiveItem } from "../files/sources.ts";
import { folderNode, type Node, type Tree } from "../files/tree.ts";
import { type CopyOptions, looksLikeWhiteout, makeFolders } from "./copy.ts";

/**
 * Unpacks an archive as ADD does: into the destination whether it ends in a slash or not; what is there is replaced
 * unless both are folders. Links of the archive are followed, but not out of the destination. Folders that the archive
 * leaves out belong to root, whatever owner is given; its own root changes nothing of the destination.
 */
export async function unpackInto(
  onto: Overlay,
  destination: string,
  items: readonly ArchiveItem[],
  { owner, pauses = new Pauses() }: Pick<CopyOptions, "owner" | "pauses"> = {},
): Promise<void> {
  const root = resolvePath(onto, destination);
  makeFolders(onto, root, owner);
  const below = counted(subtree(onto, root), mostNames + 64 * items.length);
  for (const item of items) {
    if (item.path === "") continue;
    if (baseName(item.path).startsWith(".wh.")) throw looksLikeWhiteout(item.path);
    const folder = joinPath(root, resolvePath(below, parentPath(item.path), "refuse"));
    makeImplied(onto, trimmed(folder));
    const node = { ...nodeOf(item, onto, root), ...owner };
    putItem(onto, joinPath(trimmed(folder), baseName(item.path)), node);
    await pauses.due();
  }
}

/** What a hard link names may have been at the destination before, and is part of the layer then. */
function nodeOf({ node, linked }: ArchiveItem, onto: Overlay, root: string): Node {
  if (node) return node;
  const { path = "", facts } = linked ?? {};
  const target = onto.get(joinPath(root, path));
  if (!target || target.type === "directory")
    throw new AssembleError(`the archive has a hard link to what is not there: ${printablePath(path)}`);
  const changed = target.type === "file" ? { ...target, ...facts } : target;
  onto.set(joinPath(root, path), changed);
  return changed;
}

/** Folders that an archive leaves out are made with the group of a parent that has the set-group-ID bit, but without the bit. */
function makeImplied(onto: Overlay, path: string): void {
  if (path === "" || onto.get(path)) return makeFolders(onto, path);
  makeImplied(onto, parentPath(path));
  const parent = onto.get(parentPath(path));
  const gid = parent !== undefined && (parent.mode & 0o2000) !== 0 ? parent.gid : 0;
  onto.set(path, { ...folderNode, gid });
}

function putItem(onto: Overlay, path: string, node: Node): void {
  const existing = onto.get(path);
  onto.set(path, existing?.type === "directory" && node.type === "directory" ? { ...existing, ...node } : node);
}

const trimmed = (path: string): string => (path.endsWith("/") ? path.slice(0, -1) : path);

const subtree = (tree: Tree, root: string): Tree => ({
  get: (path) => tree.get(path === "" ? root : joinPath(root, path)),
  names: (folder) => tree.names(folder === "" ? root : joinPath(root, folder)),
});

/** Names that are looked up on the way to all entries of an archive, beside 64 for each: what is deeper comes from links. */
const mostNames = 100_000;

/** A link that leads twice through another, which does so too, has an entry looked up for ever. */
function counted(tree: Tree, most: number): Tree {
  let left = most;
  return {
    get(path) {
      left -= 1 + path.length / 32;
      if (left < 0) throw new AssembleError("the archive has paths and links that take too long to follow");
      return tree.get(path);
    },
    names: (folder) => tree.names(folder),
  };
}
