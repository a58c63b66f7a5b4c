import { compileNamePattern } from "../../../dockerfile/index.ts";
import { joinPath } from "../../../files/entry.ts";
import { AssembleError } from "../evaluate/assemble-error.ts";
import { cleanPath, resolvePath } from "./resolve-path.ts";
import type { Tree } from "./tree.ts";

/**
 * The paths that a source of COPY names, as Go's filepath.Match understands patterns: none or more for a pattern, the
 * path itself otherwise.
 */
export function matchSources(tree: Tree, source: string): string[] {
  const names = cleanPath(source).split("/");
  const first = names.findIndex(hasWildcard);
  if (first === -1) return [names.join("/")];
  const folder = names.slice(0, first).join("/");
  const pattern = names.slice(first).map(compile);
  return [...walk(tree, resolvePath(tree, folder), pattern)];
}

export const hasWildcard = (name: string): boolean => /^(?:[^\\*?[]|\\.)*[*?[]/s.test(name);

type NamePattern = (name: string) => boolean;

/** A folder that matches is copied whole, so nothing in it is looked at. */
function* walk(tree: Tree, folder: string, pattern: readonly NamePattern[]): Generator<string> {
  const [head, ...rest] = pattern;
  for (const name of head ? tree.names(folder) : []) {
    if (!head?.(name)) continue;
    const path = joinPath(folder, name);
    if (rest.length === 0) yield path;
    else if (tree.get(path)?.type === "directory") yield* walk(tree, path, rest);
  }
}

function compile(name: string): NamePattern {
  const pattern = compileNamePattern(name);
  if (pattern === undefined) throw new AssembleError(`the pattern "${name}" is not complete`);
  return pattern;
}
