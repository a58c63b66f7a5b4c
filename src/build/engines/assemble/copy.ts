import { baseName, joinPath, parentPath } from "../../../files/entry.ts";
import { printablePath } from "../../../oci/path-bytes.ts";
import { AssembleError } from "./assemble-error.ts";
import type { ModeChange } from "./mode.ts";
import type { Overlay } from "./overlay.ts";
import type { Owner } from "./owner.ts";
import { cleanPath, resolvePath } from "./resolve-path.ts";
import { folderNode, type Node, type Tree } from "./tree.ts";

export interface CopyOptions {
  /** Of everything that is copied and of folders made on the way; absent: as in the source, and root for the folders. */
  readonly owner?: Owner;
  readonly mode?: ModeChange;
  /** True for paths, relative to the source, that stay behind. */
  readonly excludes?: (path: string, isFolder: boolean) => boolean;
}

/**
 * Copies one source of COPY or ADD as BuildKit's file operations do: the content of a folder goes into the destination,
 * a file gets the destination's name unless that is a folder or ends in a slash. `destination` is absolute; symbolic
 * links in it are followed, also the last. A symbolic link that is itself the source is followed, those below are copied.
 */
export function copyInto(onto: Overlay, destination: string, from: Tree, source: string, options: CopyOptions): void {
  const asFolder = destination.endsWith("/");
  makeFolders(onto, resolvePath(onto, asFolder ? destination : parentPath(destination)), options.owner);
  const followed = resolvePath(from, source);
  const node = from.get(followed);
  if (!node) throw new AssembleError(`"/${printablePath(cleanPath(source))}" is not there to be copied`);
  const target = targetOf(onto, resolvePath(onto, destination), node, source);
  makeFolders(onto, node.type === "directory" ? target : parentPath(target), options.owner, node.type === "directory");
  copyNode({ onto, from, options }, followed, "", target, false);
}

function targetOf(onto: Overlay, destination: string, source: Node, name: string): string {
  const existing = onto.get(destination);
  const into = source.type !== "directory" && existing?.type === "directory";
  return into ? joinPath(destination, baseName(cleanPath(name))) : destination;
}

/** Makes a folder and those that hold it, as `mkdir -p` does. With `lastStays`, the last one is left to the copy itself. */
export function makeFolders(onto: Overlay, path: string, owner: Owner | undefined, lastIsTop = false): void {
  const existing = onto.get(path);
  if (existing?.type === "directory" || path === "") return;
  if (existing && !lastIsTop) throw new AssembleError(`"/${printablePath(path)}" is not a folder`);
  if (existing) throw new AssembleError(`a folder cannot be copied over the file "/${printablePath(path)}"`);
  makeFolders(onto, parentPath(path), owner);
  onto.set(path, { ...folderNode, ...owner });
}

interface Copying {
  readonly onto: Overlay;
  readonly from: Tree;
  readonly options: CopyOptions;
}

function copyNode(copying: Copying, path: string, relative: string, target: string, overwrite: boolean): void {
  const { onto, from, options } = copying;
  const node = from.get(path);
  if (!node) return;
  const isFolder = node.type === "directory";
  if (relative !== "" && options.excludes?.(relative, isFolder)) return;
  const existing = onto.get(target);
  if (isFolder) {
    if (existing && existing.type !== "directory") throw cannotReplace("a folder", "the file", target);
    if (!existing || overwrite) onto.set(target, { ...withOptions(node, options), ...mergedXattrs(node, existing) });
    for (const name of from.names(path)) {
      copyNode(copying, joinPath(path, name), joinPath(relative, name), joinPath(target, name), true);
    }
    return;
  }
  if (existing?.type === "directory") throw cannotReplace("a file", "the folder", target);
  if (baseName(target).startsWith(".wh.")) throw looksLikeWhiteout(target);
  onto.set(target, withOptions(node, options));
}

function withOptions(node: Node, { owner, mode }: CopyOptions): Node {
  const changed = mode && node.type !== "symlink" ? { mode: mode(node.mode, node.type === "directory") } : {};
  return { ...node, ...owner, ...changed };
}

/** A folder that is copied over one that is there keeps the attributes that it alone has. */
const mergedXattrs = (node: Node, existing: Node | undefined): Partial<Node> =>
  existing?.xattrs ? { xattrs: { ...existing.xattrs, ...node.xattrs } } : {};

const cannotReplace = (what: string, that: string, path: string): AssembleError =>
  new AssembleError(`${what} cannot be copied over ${that} "/${printablePath(path)}"`);

export const looksLikeWhiteout = (path: string): AssembleError =>
  new AssembleError(
    `"/${printablePath(path)}" has a name that means "remove this file" in an image`,
    "rename the file so that its name does not begin with .wh.",
  );
