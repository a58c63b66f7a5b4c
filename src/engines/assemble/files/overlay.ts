import { baseName, joinPath, parentPath } from "../../../files/entry.ts";
import { comparePaths } from "../../../oci/path-bytes.ts";
import type { Node, Tree } from "./tree.ts";

/** The files of a stage: those of its base, and on top what the instructions so far have put there. */
export class Overlay implements Tree {
  readonly #base: Tree;
  readonly #nodes = new Map<string, Node>();
  readonly #names = new Map<string, Set<string>>();
  /** Folders of the base that something else has taken the place of. */
  readonly #hidden = new Set<string>();
  #changes = new Map<string, Node>();

  constructor(base: Tree) {
    this.#base = base;
  }

  get(path: string): Node | undefined {
    return this.#nodes.get(path) ?? (this.#isHidden(path) ? undefined : this.#base.get(path));
  }

  names(folder: string): readonly string[] {
    const hidden = this.#hidden.has(folder) || this.#isHidden(folder);
    const base = hidden ? [] : this.#base.names(folder);
    const own = this.#names.get(folder);
    return own ? [...new Set([...base, ...own])].sort(comparePaths) : base;
  }

  /** The folder that holds the path must be there. */
  set(path: string, node: Node): void {
    if (node.type !== "directory" && this.get(path)?.type === "directory") this.#hide(path);
    this.#nodes.set(path, node);
    this.#changes.set(path, node);
    const names = this.#names.get(parentPath(path));
    if (names) names.add(baseName(path));
    else this.#names.set(parentPath(path), new Set([baseName(path)]));
  }

  /** What was set since the last time this was asked: the content of one layer. */
  takeChanges(): ReadonlyMap<string, Node> {
    const changes = this.#changes;
    this.#changes = new Map();
    return changes;
  }

  #hide(path: string): void {
    this.#hidden.add(path);
    for (const name of this.#names.get(path) ?? []) this.#forget(joinPath(path, name));
    this.#names.delete(path);
  }

  #forget(path: string): void {
    for (const name of this.#names.get(path) ?? []) this.#forget(joinPath(path, name));
    this.#names.delete(path);
    this.#nodes.delete(path);
    this.#changes.delete(path);
  }

  #isHidden(path: string): boolean {
    if (this.#hidden.size === 0) return false;
    for (let at = path; at !== ""; ) {
      at = parentPath(at);
      if (this.#hidden.has(at)) return true;
    }
    return false;
  }
}
