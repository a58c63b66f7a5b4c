import { type Dirent, lstatSync, readdirSync, readlinkSync, type Stats } from "node:fs";
import { join, posix } from "node:path";
import { compileNamePattern } from "../dockerfile/name-pattern.ts";
import type { CompatLayer, ScienceLayer, SharedFolder } from "./model.ts";

/** The folders whose files are in one build context, the topmost first. */
export interface ContextFolders {
  readonly root: string;
  readonly layers: readonly (ScienceLayer | CompatLayer | SharedFolder)[];
}

/** Something in a build context, behind all links; in more than one layer where folders are overlaid. */
export interface Located {
  /** From the top of the context. */
  readonly path: string;
  readonly layers: ContextFolders["layers"];
  readonly isFolder: boolean;
}

/** What a path leads to; or the last link on the way to nothing, where there is one. */
type Resolved = Located | { readonly link?: BrokenLink };

export interface BrokenLink {
  readonly path: string;
  readonly target: string;
  /** Out of the context, rather than to nothing in it. */
  readonly isOutside: boolean;
}

/** As often as Linux follows links. */
const mostLinks = 40;

/** Follows links as a builder does, for whom the context is all there is. */
export function resolveSource(folders: ContextFolders, wanted: string): Resolved {
  let path = wanted;
  let link: BrokenLink | undefined;
  for (let count = 0; count < mostLinks; count += 1) {
    const step = firstLink(folders, path);
    if (step === undefined) return locate(folders, path) ?? (link ? { link } : {});
    const isAbsolute = step.target.startsWith("/");
    const isOutside = isAbsolute || leaves(posix.dirname(step.path), step.target);
    link = { path: step.path, target: step.target, isOutside };
    if (isOutside && !isAbsolute) return { link };
    const lead = isAbsolute ? step.target : posix.join("/", posix.dirname(step.path), step.target);
    path = posix.join(lead, step.rest).replace(/^\/+|\/+$/g, "");
  }
  return link ? { link } : {};
}

/** Whether a path from a folder of the context leads above it. */
export const leaves = (folder: string, target: string): boolean =>
  /^\.\.(\/|$)/.test(posix.normalize(`${folder}/${target}`));

/** The first part of a path that is a link, and what follows it. */
function firstLink({ root, layers }: ContextFolders, whole: string) {
  const names = whole.split("/");
  for (let count = 1; count <= names.length; count += 1) {
    const path = names.slice(0, count).join("/");
    for (const { directory } of layers) {
      const file = join(root, directory, path);
      if (statOf(file)?.isSymbolicLink())
        return { path, target: readlinkSync(file), rest: names.slice(count).join("/") };
    }
  }
  return undefined;
}

function locate({ root, layers }: ContextFolders, path: string): Located | undefined {
  const found = layers.flatMap((layer) => {
    const stats = statOf(join(root, layer.directory, path));
    return stats === undefined ? [] : [{ layer, isFolder: stats.isDirectory() }];
  });
  const [first] = found;
  return first && { path, layers: found.map(({ layer }) => layer), isFolder: first.isFolder };
}

export function statOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** What matches a pattern; or the folder before its first wildcard, which leads to nothing. */
type Matched =
  | { readonly paths: readonly string[] }
  | { readonly folder: string; readonly resolved: Exclude<Resolved, Located> };

/** Undefined for what is no pattern. A link in the middle of a match is not followed. */
export function matchSource(folders: ContextFolders, pattern: string): Matched | undefined {
  const names = pattern.split("/");
  const first = names.findIndex((name) => /[*?[]/.test(name));
  const matchers = names.slice(first).map(compileNamePattern);
  if (matchers.includes(undefined)) return undefined;
  const folder = names.slice(0, first).join("/");
  const start = folder === "" ? undefined : resolveSource(folders, folder);
  if (start !== undefined && !("layers" in start)) return { folder, resolved: start };
  const paths = matchers.reduce<readonly string[]>(
    (above, matches = () => false) =>
      above.flatMap((path) =>
        namesIn(folders, path)
          .filter(matches)
          .map((name) => posix.join(path, name)),
      ),
    [start?.path ?? ""],
  );
  return { paths };
}

const namesIn = ({ root, layers }: ContextFolders, path: string): string[] => [
  ...new Set(layers.flatMap(({ directory }) => entriesOf(join(root, directory, path)).map(({ name }) => name))),
];

/** Empty for what is no folder. */
export function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
