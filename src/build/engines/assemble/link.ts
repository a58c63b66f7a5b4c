import { joinPath } from "../../../files/entry.ts";
import type { Overlay } from "./overlay.ts";
import type { Tree } from "./tree.ts";

/** Lays a tree over the files, as `COPY --link` does: nothing below is followed, and its folders replace mode and owner. */
export function linkOnto(onto: Overlay, tree: Tree, folder = ""): void {
  for (const name of tree.names(folder)) {
    const path = joinPath(folder, name);
    const node = tree.get(path);
    if (!node) continue;
    onto.set(path, node);
    if (node.type === "directory") linkOnto(onto, tree, path);
  }
}
