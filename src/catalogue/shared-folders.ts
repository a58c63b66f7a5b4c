import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "./json.ts";
import { definitionName, listLayers } from "./list.ts";
import type { ScienceLayer, SharedFolder, SourceText } from "./model.ts";
import { readText, type TextFiles } from "./read-text.ts";
import { cleanFolder, sharedPath } from "./shared-fields.ts";

/** The folders that a definition names in `contexts`, as a layer has them before its Dockerfile is read. */
export function sharedFolders(
  files: TextFiles,
  contexts: Readonly<Record<string, string>> = {},
): Pick<ScienceLayer, "contexts"> {
  const names = Object.keys(contexts).sort();
  if (names.length === 0) return {};
  return { contexts: names.map((name) => sharedFolder(files, name, cleanFolder(contexts[name] as string))) };
}

/** BuildKit looks for no other ignore file in a named context. */
function sharedFolder(files: TextFiles, name: string, directory: string): SharedFolder {
  const path = `${directory}/.dockerignore`;
  const isThere = files.converted.has(path) || isFile(join(files.root, path));
  const read = isThere ? readText(files, path) : undefined;
  return { name, directory, uses: [], ...(read !== undefined && "source" in read && { ignore: read.source }) };
}

const isFile = (path: string): boolean => statOrNothing(path)?.isFile() === true;

/** Undefined also where a file stands in place of a folder on the way. */
function statOrNothing(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/**
 * Every folder outside of `science/` and `compat/` that a definition names, sorted: what git has to be asked for beside these two. Read
 * before the catalogue is, so that git works meanwhile; a name that is not allowed is left to the catalogue to tell. `texts` gets what
 * was read for it.
 */
export function sharedPaths(root: string, texts: Map<string, SourceText>): string[] {
  const folders = [...listLayers(root, "science"), ...listLayers(root, "compat")];
  const named = folders.filter(({ isLink }) => !isLink).flatMap(({ directory }) => namedIn(root, directory, texts));
  const paths = named.filter((each) => sharedPath.test(each)).map(cleanFolder);
  const outside = paths.filter((each) => !/^(?:science|compat)(?:\/|$)/.test(each));
  return [...new Set(outside)].filter((each) => submoduleAbove(root, each) === undefined).sort();
}

function namedIn(root: string, directory: string, texts: Map<string, SourceText>): string[] {
  const files = { root, converted: new Map<string, string>() };
  const definition = textOf(files, `${directory}/${definitionName}`);
  if (definition !== undefined) texts.set(definition.path, definition);
  if (definition === undefined || !/"(?:contexts|variants)"/.test(definition.text)) return [];
  const value = objectOf(readJson(definition).value);
  const { variants } = value;
  const list =
    typeof variants === "string" && !variants.includes("/") ? textOf(files, `${directory}/${variants}`) : undefined;
  const listed = list?.text.includes('"contexts"') ? readJson(list).value : variants;
  const entries = Array.isArray(listed) ? listed : objectOf(listed)["variants"];
  const all = [value, ...(Array.isArray(entries) ? (entries as unknown[]) : [])];
  return all.flatMap((each) => Object.values(objectOf(objectOf(each)["contexts"]))).filter(isText);
}

function textOf(files: TextFiles, path: string): SourceText | undefined {
  const read = readText(files, path);
  return read !== undefined && "source" in read ? read.source : undefined;
}

const objectOf = (value: unknown): Record<string, unknown> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const isText = (value: unknown): value is string => typeof value === "string";

/** The submodule that a folder lies in; it is a repository of its own, of which git tells nothing here. */
export function submoduleAbove(root: string, directory: string): string | undefined {
  const names = directory.split("/");
  const above = names.slice(1).map((_, at) => names.slice(0, at + 1).join("/"));
  return above.find((each) => existsSync(join(root, each, ".git")));
}
