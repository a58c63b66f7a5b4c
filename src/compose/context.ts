import type { CompatLayer, ScienceLayer, SharedFolder } from "../catalogue/model.ts";
import { isRecipe } from "../catalogue/variants.ts";
import { type IgnoreMatcher, matcherOf } from "../dockerfile/ignore.ts";
import { sha256Digest } from "../oci/digest.ts";
import { comparePaths } from "../oci/path-bytes.ts";
import type { ContextFile } from "./model.ts";

/** A layer's own files as instructions see them: without the recipe, and without what its ignore file drops. */
export function layerFiles(layer: ScienceLayer | CompatLayer, files: readonly ContextFile[]): readonly ContextFile[] {
  const own = files.filter(({ path }) => !isRecipe(layer, path));
  return layer.ignore ? keptFiles(own, matcherOf(layer.ignore)) : own;
}

/** The files of a folder that layers share; unlike a layer's own, all of them are files of the build (`dockerui/namedcontext.go` of BuildKit). */
export const sharedFiles = (
  { directory, ignore }: SharedFolder,
  filesOf: (directory: string) => readonly ContextFile[],
): readonly ContextFile[] => (ignore ? keptFiles(filesOf(directory), matcherOf(ignore)) : filesOf(directory));

/** What an ignore file keeps. A folder that they name no more than the files in it stays behind, empty. */
export function keptFiles(files: readonly ContextFile[], matcher: IgnoreMatcher): readonly ContextFile[] {
  const kept = files.filter(({ path }) => !matcher.matches(path));
  const folders = new Set(kept.flatMap(({ path }) => parentsOf(path)));
  const emptied = new Set(files.flatMap(({ path }) => parentsOf(path)).filter((path) => !folders.has(path)));
  const left = [...emptied].filter((path) => !matcher.matches(path));
  const above = new Set(left.flatMap(parentsOf));
  const innermost = left.filter((path) => !above.has(path));
  if (innermost.length === 0) return kept;
  return [...kept, ...innermost.map(emptyFolder)].sort((a, b) => comparePaths(a.path, b.path));
}

const emptyFolder = (path: string): ContextFile => ({
  path,
  source: path,
  type: "directory",
  mode: 0o755,
  size: 0,
  digest: sha256Digest(""),
});

/**
 * The files of a stack in one context, `layers` lowest first: of two files with one path the topmost wins, and a file in a
 * higher layer also hides what lies below a folder of its name, or the file that stands where it needs a folder.
 */
export function overlayFiles(layers: readonly (readonly ContextFile[])[]): ContextFile[] {
  const files = new Map<string, ContextFile>();
  const folders = new Map<string, Set<string>>();
  for (const file of layers.flat()) {
    if (file.type === "directory" && folders.has(file.path)) continue;
    for (const hidden of folders.get(file.path) ?? []) files.delete(hidden);
    for (const parent of parentsOf(file.path)) {
      files.delete(parent);
      folders.set(parent, (folders.get(parent) ?? new Set()).add(file.path));
    }
    files.set(file.path, file);
  }
  return [...files.values()].sort((a, b) => comparePaths(a.path, b.path));
}

const parentsOf = (path: string): string[] =>
  path
    .split("/")
    .slice(0, -1)
    .map((_, index, names) => names.slice(0, index + 1).join("/"));
