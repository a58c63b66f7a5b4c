import { baseName, joinPath, parentPath } from "../../../files/entry.ts";
import { Pauses } from "../../../files/pauses.ts";
import { printablePath } from "../../../oci/path-bytes.ts";
import { AssembleError } from "../evaluate/assemble-error.ts";
import type { ModeChange } from "../evaluate/mode.ts";
import type { Owner } from "../evaluate/owner.ts";
import type { Overlay } from "../files/overlay.ts";
import { cleanPath, resolvePath } from "../files/resolve-path.ts";
import { folderNode, type Node, type Tree } from "../files/tree.ts";

export interface CopyOptions {
  /** Of everything that is copied and of folders made on the way; absent: as in the source, and root for the folders. */
  readonly owner?: Owner;
  readonly mode?: ModeChange;
  /** Of folders made on the way: BuildKit gives them an octal `--chmod` too. */
  readonly folderMode?: number;
  /** Which copy of the instruction it is: hard links are kept within one, not from one to the next. */
  readonly number?: number;
  readonly pauses?: Pauses;
  /** True for paths, relative to the source, that stay behind. */
  readonly excludes?: (path: string, isFolder: boolean) => boolean;
}

/**
 * Copies one source of COPY or ADD as BuildKit's file operations do: the content of a folder goes into the destination,
 * a file gets the destination's name unless that is a folder or ends in a slash. `destination` is absolute; symbolic
 * links in it are followed, also the last. A symbolic link that is itself the source is followed, those below are copied.
 */
export async function copyInto(
  onto: Overlay,
  destination: string,
  from: Tree,
  source: string,
  options: CopyOptions,
): Promise<void> {
  const asFolder = destination.endsWith("/");
  const made: Partial<Node> = {
    ...options.owner,
    ...(options.folderMode !== undefined && { mode: options.folderMode }),
  };
  makeFolders(onto, resolvePath(onto, asFolder ? destination : parentPath(destination)), made);
  const followed = resolvePath(from, source);
  const node = from.get(followed);
  if (!node) throw new AssembleError(`"/${printablePath(cleanPath(source))}" is not there to be copied`);
  const target = targetOf(onto, resolvePath(onto, destination), node, source);
  makeFolders(onto, node.type === "directory" ? target : parentPath(target), made);
  await copyNode({ onto, from, options, pauses: options.pauses ?? new Pauses() }, followed, "", target, false);
}

function targetOf(onto: Overlay, destination: string, source: Node, name: string): string {
  const existing = onto.get(destination);
  const into = source.type !== "directory" && existing?.type === "directory";
  return into ? joinPath(destination, baseName(cleanPath(name))) : destination;
}

/** Makes a folder and those that hold it, as `mkdir -p` does; `made` is what the new ones have beside the usual. */
export function makeFolders(onto: Overlay, path: string, made: Partial<Node> = {}): void {
  const existing = onto.get(path);
  if (existing?.type === "directory" || path === "") return;
  if (existing) throw new AssembleError(`"/${printablePath(path)}" is there and is not a folder`);
  makeFolders(onto, parentPath(path), made);
  onto.set(path, { ...folderNode, ...made, ...inherited(onto.get(parentPath(path)), made) });
}

/** Below a folder with the set-group-ID bit, the system gives a new one that bit and its group, which an owner that is named changes again. */
function inherited(
  parent: Node | undefined,
  { mode = folderNode.mode, gid = parent?.gid ?? 0 }: Partial<Node>,
): Partial<Node> {
  return parent !== undefined && (parent.mode & setGroup) !== 0 ? { mode: mode | setGroup, gid } : {};
}

const setGroup = 0o2000;

interface Copying {
  readonly onto: Overlay;
  readonly from: Tree;
  readonly options: CopyOptions;
  readonly pauses: Pauses;
}

async function copyNode(
  copying: Copying,
  path: string,
  relative: string,
  target: string,
  overwrite: boolean,
): Promise<void> {
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
      await copying.pauses.due();
      await copyNode(copying, joinPath(path, name), joinPath(relative, name), joinPath(target, name), true);
    }
    return;
  }
  if (existing?.type === "directory") throw cannotReplace("a file", "the folder", target);
  if (baseName(target).startsWith(".wh.")) throw looksLikeWhiteout(target);
  onto.set(target, withOptions(node, options));
}

function withOptions(node: Node, { owner, mode, number = 0 }: CopyOptions): Node {
  const changed = mode && node.type !== "symlink" ? { mode: mode(node.mode, node.type === "directory") } : {};
  const identity = node.identity === undefined ? {} : { identity: `${number} ${node.identity}` };
  return { ...node, ...owner, ...changed, ...identity };
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
