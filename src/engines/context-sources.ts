import { existsSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { absentSubmodule } from "../catalogue/absent-submodules.ts";
import type { ChangeSet } from "../changes/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { askStatus, readStatus } from "../git/differences.ts";
import { type IndexEntry, listIndex } from "../git/index-entries.ts";
import { printablePath } from "../oci/path-bytes.ts";
import { bytesOf } from "./context-path.ts";

/** What git says of the catalogue's files, as in `ChangeSet`. */
export interface WorkingFiles extends Pick<ChangeSet, "committed"> {
  /** Those that are not committed count as they are on disk. */
  readonly files: readonly Pick<ChangeSet["files"][number], "path" | "status" | "uncommitted">[];
}

/** A file of a build context. */
export interface ContextSource {
  /** Relative to the catalogue's root. */
  readonly path: string;
  /** As HEAD has it; undefined where it counts as it is on disk. */
  readonly entry?: IndexEntry;
  /** Which repository has the entry's blob, relative to the root: "" or a submodule. */
  readonly repository: string;
}

/** The files of each directory that git has, or that are not committed yet; nothing else gets into an image (B40). */
export async function contextSources(
  root: string,
  directories: readonly string[],
  files: WorkingFiles,
  problems: Diagnostic[],
): Promise<ReadonlyMap<string, readonly ContextSource[]>> {
  const found = new Map<string, ContextSource[]>(directories.map((each) => [each, []]));
  const all = [...committedSources(files.committed), ...changedSources(files.files)];
  for (const source of all) {
    const wanting = foldersAbove(source.path).flatMap((folder) => {
      const sources = found.get(folder);
      return sources ? [sources] : [];
    });
    if (wanting.length === 0) continue;
    const expanded = await expand(root, source, problems);
    for (const sources of wanting) for (const each of expanded) sources.push(each);
  }
  return found;
}

/** Also the path itself: a submodule may be all of a folder. */
function foldersAbove(path: string): string[] {
  const folders: string[] = [];
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) folders.push(path.slice(0, at));
  return [...folders, path];
}

const committedSources = (entries: readonly IndexEntry[]): ContextSource[] =>
  entries.map((entry) => ({ path: entry.path, entry, repository: "" }));

const changedSources = (files: WorkingFiles["files"]): ContextSource[] =>
  files
    .filter(({ uncommitted, status }) => uncommitted && status !== "deleted")
    .map(({ path }) => ({ path: path.replace(/\/$/, ""), repository: "" }));

/** A submodule stands for the files that it tracks. */
async function expand(root: string, source: ContextSource, problems: Diagnostic[]): Promise<ContextSource[]> {
  const { path, entry } = source;
  if (entry !== undefined && entry.kind !== "submodule") return [source];
  if (isRepository(root, path)) return submoduleSources(root, path, entry !== undefined, problems);
  if (entry !== undefined) problems.push(absentSubmodule(path));
  return entry !== undefined || isFolder(root, path) ? [] : [source];
}

async function submoduleSources(
  root: string,
  submodule: string,
  isClean: boolean,
  problems: Diagnostic[],
): Promise<ContextSource[]> {
  const folder = join(root, submodule);
  const [entries, status] = await Promise.all([listIndex(folder, ["."]), askStatus(folder, false, ["."])]);
  const { uncommitted } = readStatus(status, "");
  if (isClean && uncommitted.length > 0) problems.push(hiddenChange(submodule, uncommitted[0]?.path ?? ""));
  const changed = new Set(uncommitted.map(({ path }) => path));
  const inside = [
    ...committedSources(entries.filter(({ path }) => !changed.has(path))),
    ...changedSources(uncommitted.map((each) => ({ ...each, uncommitted: true }))),
  ].map((each) => ({ ...each, path: `${submodule}/${each.path}`, repository: submodule }));
  const expanded: ContextSource[] = [];
  for (const each of inside) expanded.push(...(await expand(root, each, problems)));
  return expanded;
}

const isRepository = (root: string, path: string): boolean =>
  isFolder(root, path) && existsSync(bytesOf(root, `${path}/.git`));

const isFolder = (root: string, path: string): boolean =>
  lstatSync(bytesOf(root, path), { throwIfNoEntry: false })?.isDirectory() === true;

const hiddenChange = (submodule: string, path: string): Diagnostic =>
  error("hidden-change", `${printablePath(`${submodule}/${path}`)} is not what git has, though a setting hides it`, {
    help: `commit it in the submodule, or take it back: git -C ${printablePath(submodule)} status --ignore-submodules=none`,
  });
