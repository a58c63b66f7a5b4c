import { baseName, joinPath, parentPath } from "../../../files/entry.ts";
import { comparePaths } from "../../../oci/path-bytes.ts";
import { folderNode, type Node, type Tree } from "./tree.ts";

/** A tree of its own, as of a build context or an archive. Folders that are missing are made on the way. */
export class MemoryTree implements Tree {
  readonly #nodes = new Map<string, Node>([["", folderNode]]);
  readonly #names = new Map<string, Set<string>>();

  get(path: string): Node | undefined {
    return this.#nodes.get(path);
  }

  names(folder: string): readonly string[] {
    return [...(this.#names.get(folder) ?? [])].sort(comparePaths);
  }

  set(path: string, node: Node): void {
    if (path !== "") this.#addName(path);
    this.#nodes.set(path, node);
  }

  /** Everything below a folder, and the folder. */
  delete(path: string): void {
    for (const name of this.#names.get(path) ?? []) this.delete(joinPath(path, name));
    this.#names.delete(path);
    this.#nodes.delete(path);
    this.#names.get(parentPath(path))?.delete(baseName(path));
  }

  #addName(path: string): void {
    const folder = parentPath(path);
    if (!this.#nodes.has(folder)) this.set(folder, folderNode);
    const names = this.#names.get(folder);
    if (names) names.add(baseName(path));
    else this.#names.set(folder, new Set([baseName(path)]));
  }
}
