import type { CompatLayer, ScienceLayer } from "../catalogue/model.ts";
import { isRecipe } from "../catalogue/variants.ts";
import { createMatcher, parseIgnoreFile } from "../dockerfile/ignore.ts";
import { comparePaths } from "../oci/path-bytes.ts";
import type { ContextFile } from "./model.ts";

/** A layer's own files as instructions see them: without the recipe, and without what its ignore file drops. */
export function layerFiles(layer: ScienceLayer | CompatLayer, files: readonly ContextFile[]): readonly ContextFile[] {
  const matcher = layer.ignore && createMatcher(parseIgnoreFile(layer.ignore.text).patterns);
  return files.filter(({ path }) => !isRecipe(layer, path) && !matcher?.matches(path));
}

/**
 * The files of a stack in one context, `layers` lowest first: of two files with one path the topmost wins, and a file in a
 * higher layer also hides what lies below a folder of its name, or the file that stands where it needs a folder.
 */
export function overlayFiles(layers: readonly (readonly ContextFile[])[]): ContextFile[] {
  const files = new Map<string, ContextFile>();
  const folders = new Map<string, Set<string>>();
  for (const file of layers.flat()) {
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
