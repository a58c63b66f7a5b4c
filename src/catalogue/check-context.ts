import { join, posix } from "node:path";
import { type Diagnostic, error, sortDiagnostics, warning } from "../diagnostics/diagnostic.ts";
import { locate, placeAt } from "../diagnostics/text.ts";
import { contextSources, triggerSources } from "../dockerfile/context-sources.ts";
import { parseIgnoreFile } from "../dockerfile/ignore.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import { layerKey } from "../naming/build-id.ts";
import { compatStack } from "./check-compat.ts";
import { sourceProblem } from "./check-sources.ts";
import { listFiles } from "./layer-files.ts";
import type { Untracked } from "./left-out.ts";
import type { Catalogue, CompatLayer, ScienceLayer, SharedFolder } from "./model.ts";
import { usedFolders } from "./read-folders.ts";
import { type ContextFolders, leaves, statOf } from "./resolve-source.ts";

/** Layers whose instructions read one build context. */
export interface ContextUse {
  /** Lowest first. */
  readonly layers: readonly (ScienceLayer | CompatLayer)[];
}

/**
 * Every context that builds of a catalogue have. Interfaces that no image has yet come with all they include, unless others include
 * them, whose files they may wait for. A stack of which a layer is not known is left out.
 */
export function contextsOf({ science, compat, settings, broken = [] }: Catalogue): ContextUse[] {
  const interfaces = [...compat, ...broken.filter((each) => each.kind === "compat")];
  const images = [...science, ...broken.filter((each) => each.kind === "science")];
  const byName = new Map(interfaces.map((each) => [each.name, each]));
  const included = new Set(interfaces.flatMap((each) => each.includes));
  const unincluded = interfaces.filter(({ name }) => !included.has(name)).map(({ name }) => name);
  const tops = new Set([...[...images, ...settings.adopted].flatMap((each) => each.compat ?? []), ...unincluded]);
  const stacks = [...tops]
    .map((name) => compatStack(byName, name))
    .filter((stack) => stack.every(({ includes }) => includes.every((name) => byName.has(name))));
  return [...images.map((each) => [each]), ...stacks].map((layers) => ({ layers }));
}

/**
 * What instructions take from the files of their layers and will not find: paths that are not there, that an ignore file drops, that
 * git does not track, or that lie behind a link out of the layer. Looks at the disk for every path, which loading a catalogue does not:
 * many a plan is made of less.
 */
export function contextProblems(
  { root, science }: Pick<Catalogue, "root" | "science">,
  uses: readonly ContextUse[],
  untracked?: Untracked,
): Diagnostic[] {
  const targets = new Map(science.map((each) => [layerKey(each), each]));
  const layers = new Set(uses.flatMap((each) => each.layers));
  const found = uses.flatMap((use) => useProblems(root, use, targets, untracked));
  return sortDiagnostics([
    ...found,
    ...[...layers].flatMap((layer) => [...ignoreProblems(layer), ...linksOutside(root, layer)]),
  ]);
}

const ignoreProblems = ({ ignore }: ScienceLayer | CompatLayer): Diagnostic[] =>
  ignore === undefined
    ? []
    : parseIgnoreFile(ignore.text).problems.map(({ code, message, range }) =>
        error(code, message, locate(ignore.path, ignore.text, range)),
      );

function useProblems(
  root: string,
  { layers }: ContextUse,
  targets: ReadonlyMap<string, ScienceLayer>,
  untracked: Untracked,
): Diagnostic[] {
  const folders: ContextFolders = { root, layers: layers.toReversed() };
  return layers.flatMap((layer) => {
    const { dockerfile, directory, args } = layer;
    const sources = contextSources(parseDockerfile(dockerfile.text), args);
    const search = { folders, untracked, directory };
    const own = [
      ...sources.flatMap((source) => sourceProblem(source, dockerfile, search) ?? []),
      ...usedFolders(layer).flatMap((folder) => sharedProblems(root, layer, folder, untracked)),
    ];
    return layer.kind === "compat" ? own : [...own, ...triggerProblems(layer, targets, search)];
  });
}

/** What is taken from a folder that layers share, and is not there. */
function sharedProblems(
  root: string,
  { dockerfile, args }: ScienceLayer | CompatLayer,
  folder: SharedFolder,
  untracked: Untracked,
): Diagnostic[] {
  const search = { folders: { root, layers: [folder] }, untracked, directory: folder.directory };
  const sources = contextSources(parseDockerfile(dockerfile.text), args, folder.name);
  return sources.flatMap((source) => sourceProblem(source, dockerfile, search) ?? []);
}

/** What the layers that a science layer starts from take from its files, behind ONBUILD. */
function triggerProblems(
  { bases, dockerfile }: ScienceLayer,
  targets: ReadonlyMap<string, ScienceLayer>,
  search: Parameters<typeof sourceProblem>[2],
): Diagnostic[] {
  return bases.flatMap(({ via, source, range }) => {
    const parent = via === "from" && source.kind === "parent" ? targets.get(layerKey(source)) : undefined;
    if (parent === undefined || !/^\s*onbuild\s/im.test(parent.dockerfile.text)) return [];
    const { path, text } = parent.dockerfile;
    return triggerSources(parseDockerfile(text)).flatMap((each) => {
      const notes = [{ message: `ONBUILD of ${parent.directory} takes it`, at: placeAt(path, text, each.range.start) }];
      return sourceProblem(each, parent.dockerfile, { ...search, at: { file: dockerfile, range, notes } }) ?? [];
    });
  });
}

/** Links into another part of the repository that are sent as they are, with a folder, and lead nowhere in an image. */
function linksOutside(root: string, { directory, dockerfile, args }: ScienceLayer | CompatLayer): Diagnostic[] {
  const sources = contextSources(parseDockerfile(dockerfile.text), args).filter(({ isPattern }) => !isPattern);
  const wide = sources.filter(({ path }) => statOf(join(root, directory, path))?.isDirectory());
  if (wide.length === 0) return [];
  return listFiles(root, directory).flatMap(({ path, link }) => {
    if (link === undefined || link.startsWith("/") || !leaves(posix.dirname(path), link)) return [];
    const isOfRepository = statOf(join(root, directory, posix.dirname(path), link)) !== undefined;
    if (!isOfRepository || !wide.some((each) => each.path === "" || path.startsWith(`${each.path}/`))) return [];
    const message = `${directory}/${path} is a link to ${link}, outside of ${directory}: an image gets the link, and what it leads to is not there`;
    const at = { file: `${directory}/${path}`, line: 1, column: 1 };
    return [warning("link-outside", message, { at, help: "put the file itself there" })];
  });
}
