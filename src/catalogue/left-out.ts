import { join, posix } from "node:path";
import { matcherOf } from "../dockerfile/ignore.ts";
import type { CompatLayer, ScienceLayer, SharedFolder } from "./model.ts";
import { type ContextFolders, entriesOf, type Located } from "./resolve-source.ts";
import { isRecipe } from "./variants.ts";

/** Why a file that is there is in no build, in words for people. */
interface LeftOut {
  readonly message: string;
  readonly help: string;
  /** A folder, of which an empty one is left. */
  readonly isEmptied?: boolean;
}

type Layer = ScienceLayer | CompatLayer | SharedFolder;

/** Whether git has no file at a path below the catalogue's root; undefined where git was not asked. */
export type Untracked = ((path: string) => boolean) | undefined;

/** `paths`: of a change set; folders end in "/". */
export function untrackedAmong(paths: readonly string[]): Untracked {
  const known = new Set(paths);
  if (known.size === 0) return undefined;
  return (path) => known.has(path) || foldersAbove(path).some((each) => known.has(each));
}

const foldersAbove = (path: string): string[] =>
  [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index + 1)).concat(`${path}/`);

/** Why nothing of what a source leads to is sent to a build; undefined where something is. */
export function whyLeftOut(
  { root }: Pick<ContextFolders, "root">,
  { path, layers, isFolder }: Located,
  untracked: Untracked,
): LeftOut | undefined {
  const reasons = layers.map((layer) =>
    isFolder ? whyFolder(root, layer, path, untracked) : whyFile(layer, path, untracked),
  );
  return reasons.includes(undefined) ? undefined : reasons[0];
}

function whyFile(layer: Layer, path: string, untracked: Untracked): LeftOut | undefined {
  if ("kind" in layer && isRecipe(layer, path))
    return {
      message: `${path} says how to build, and is not among the files of a build`,
      help: "copy it to another name",
    };
  if (isDropped(layer, path)) return dropped(layer, path);
  return untracked?.(`${layer.directory}/${path}`) ? ofNoCommit(layer, path) : undefined;
}

function whyFolder(root: string, layer: Layer, path: string, untracked: Untracked): LeftOut | undefined {
  if (path === "") return undefined;
  const files = filesBelow(join(root, layer.directory), path);
  if (files.some((file) => whyFile(layer, file, untracked) === undefined)) return undefined;
  if (files.length === 0)
    return {
      message: `${path} is an empty folder, and git keeps none`,
      help: "put a file into it, or make it with RUN mkdir",
    };
  if (isDropped(layer, path)) return dropped(layer, path);
  const isEmptied = files.some((file) => isDropped(layer, file));
  return isEmptied ? { ...dropped(layer, `all of ${path}`), isEmptied } : ofNoCommit(layer, path);
}

const isDropped = ({ ignore }: Layer, path: string): boolean => ignore !== undefined && matcherOf(ignore).matches(path);

const dropped = ({ ignore }: Layer, what: string): LeftOut => ({
  message: `${ignore?.path} keeps ${what} out of the build`,
  help: "take it out of one of them",
});

const ofNoCommit = ({ directory }: Layer, path: string): LeftOut => ({
  message: `git does not track ${directory}/${path}, and builds leave it out`,
  help: "git add it (with -f where .gitignore names it), or count what is not tracked with --untracked",
});

function filesBelow(top: string, folder: string): string[] {
  return entriesOf(join(top, folder)).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    return entry.isDirectory() ? filesBelow(top, path) : [path];
  });
}
