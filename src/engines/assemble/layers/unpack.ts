import { baseName, joinPath, parentPath } from "../../../files/entry.ts";
import { Pauses } from "../../../files/pauses.ts";
import { AssembleError } from "../evaluate/assemble-error.ts";
import type { Overlay } from "../files/overlay.ts";
import { resolvePath } from "../files/resolve-path.ts";
import type { ArchiveItem } from "../files/sources.ts";
import type { Node, Tree } from "../files/tree.ts";
import { type CopyOptions, looksLikeWhiteout, makeFolders } from "./copy.ts";

/**
 * Unpacks an archive as ADD does: into the destination whether it ends in a slash or not; what is there is replaced
 * unless both are folders. Links of the archive are followed, but not out of the destination. Folders that the archive
 * leaves out belong to root, whatever owner is given.
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
  for (const { path, node: written } of items) {
    const node = { ...written, ...owner };
    if (path === "") {
      onto.set(root, node);
      continue;
    }
    if (baseName(path).startsWith(".wh.")) throw looksLikeWhiteout(path);
    const folder = joinPath(root, resolvePath(below, parentPath(path)));
    makeFolders(onto, trimmed(folder));
    putItem(onto, joinPath(trimmed(folder), baseName(path)), node);
    await pauses.due();
  }
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
