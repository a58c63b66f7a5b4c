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
  const pattern = compile(names.slice(first));
  return [...walk(tree, resolvePath(tree, folder), pattern)];
}

export const hasWildcard = (name: string): boolean => /^(?:[^\\*?[]|\\.)*[*?[]/s.test(name);

/** A folder that matches is copied whole, so nothing in it is looked at. */
function* walk(tree: Tree, folder: string, pattern: readonly RegExp[]): Generator<string> {
  const [head, ...rest] = pattern;
  for (const name of head ? tree.names(folder) : []) {
    if (!head?.test(name)) continue;
    const path = joinPath(folder, name);
    if (rest.length === 0) yield path;
    else if (tree.get(path)?.type === "directory") yield* walk(tree, path, rest);
  }
}

function compile(names: readonly string[]): RegExp[] {
  return names.map((name) => new RegExp(`^${translate(name)}$`, "su"));
}

/** One name of a pattern: `*`, `?`, `[a-z]`, `[^a]` and a backslash before any character. Stars in a row are one. */
function translate(pattern: string): string {
  let out = "";
  for (let rest = pattern; rest !== ""; ) {
    const [whole = "", escaped, set, character] =
      /^(?:\*+|\?|\\(.)|\[(\^?(?:\\.|[^\\\]])+)\]|([^*?\\[]))/su.exec(rest) ?? [];
    if (whole === "") throw new AssembleError(`the pattern "${pattern}" is not complete`);
    if (whole.startsWith("*")) out += ".*";
    else if (whole === "?") out += ".";
    else if (set !== undefined) out += translateSet(set);
    else out += quote(escaped ?? character ?? "");
    rest = rest.slice(whole.length);
  }
  return out;
}

function translateSet(set: string): string {
  const negated = set.startsWith("^");
  const items = (negated ? set.slice(1) : set).replace(/\\(.)|([[\]^&~])/gsu, (_, escaped?: string, bare?: string) =>
    `\\${escaped ?? bare ?? ""}`.replace(/^\\([A-Za-z0-9_])$/, "$1"),
  );
  return `[${negated ? "^" : ""}${items}]`;
}

const quote = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/gu, "\\$&");
