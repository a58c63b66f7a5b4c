import { lstatSync, readdirSync, readlinkSync } from "node:fs";
import { join, posix } from "node:path";
import { type Diagnostic, error, type Place, warning } from "../diagnostics/diagnostic.ts";
import { locate, type Range } from "../diagnostics/text.ts";
import { type ContextRead, contextReads, mayRead } from "../dockerfile/context-reads.ts";
import { createMatcher, parseIgnoreFile } from "../dockerfile/ignore.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import { compatStack } from "./check-compat.ts";
import { listFiles } from "./layer-files.ts";
import type { Catalogue, CompatLayer, ScienceLayer } from "./model.ts";
import { isRecipe } from "./variants.ts";

/**
 * What instructions take from the files of their layers and will not find: paths that are not there, that an ignore file drops, or
 * that lie behind a link out of the layer. Looks at the disk for every path that is written in full, which loading a catalogue does
 * not: many a plan is made of less.
 */
export function contextProblems({ root, science, compat }: Catalogue): Diagnostic[] {
  return [
    ...science.flatMap((layer) => layerProblems(root, layer, [layer])),
    ...compat.flatMap((layer) => layerProblems(root, layer, sharing(layer, compat))),
  ];
}

/** The layers whose files may be in one context with those of a compat layer. */
function sharing(layer: CompatLayer, compat: readonly CompatLayer[]): CompatLayer[] {
  const byName = new Map(compat.map((each) => [each.name, each]));
  const stacks = compat.map(({ name }) => compatStack(byName, name)).filter((stack) => stack.includes(layer));
  return [...new Set(stacks.flat())];
}

type Layer = ScienceLayer | CompatLayer;

function layerProblems(root: string, layer: Layer, beside: readonly Layer[]): Diagnostic[] {
  const reads = contextReads(parseDockerfile(layer.dockerfile.text));
  return [
    ...ignoreProblems(layer),
    ...reads.flatMap((read) => readProblems(root, layer, read, beside)),
    ...linksOutside(root, layer, reads),
  ];
}

const ignoreProblems = ({ ignore }: Layer): Diagnostic[] =>
  ignore === undefined
    ? []
    : parseIgnoreFile(ignore.text).problems.map(({ code, message, range }) =>
        error(code, message, locate(ignore.path, ignore.text, range)),
      );

function readProblems(root: string, layer: Layer, read: ContextRead, beside: readonly Layer[]): Diagnostic[] {
  const { path, exact, range } = read;
  if (!exact || range === undefined) return [];
  const found = resolve(root, beside, path);
  const say = (code: string, message: string, help: string): Diagnostic[] => [
    error(code, message, { ...located(layer, range), help }),
  ];
  if (found.kind === "missing")
    return found.link === undefined
      ? say("missing-source", `${path} is not in ${layer.directory}`, "add it, or take it out of the instruction")
      : say(
          "link-outside",
          `${found.link} is a link to ${found.target}, ${found.isOutside ? `which is outside of ${layer.directory}` : "which is not there"}`,
          "put the file itself there: a build sees nothing outside of its folder, and a change there would go unseen",
        );
  if (isRecipe(layer, found.path))
    return say(
      "missing-source",
      `${found.path} says how to build, and is not among the files of a build`,
      "copy it to another name",
    );
  if (isDropped(found))
    return say(
      "missing-source",
      `${found.layer.ignore?.path} keeps ${found.path} out of the build`,
      "take it out of one of them",
    );
  if (found.isEmpty)
    return say(
      "missing-source",
      `${path} is an empty folder, and git keeps none`,
      "put a file into it, or make it with RUN mkdir",
    );
  return [];
}

/** A folder whose files are all dropped is still there, empty. */
const isDropped = ({ layer: { ignore }, path, isFolder }: Extract<Found, { kind: "there" }>): boolean =>
  !isFolder && ignore !== undefined && createMatcher(parseIgnoreFile(ignore.text).patterns).matches(path);

const located = ({ dockerfile }: Layer, range: Range): { at: Place } =>
  locate(dockerfile.path, dockerfile.text, range) as { at: Place };

type Found =
  | {
      readonly kind: "there";
      readonly layer: Layer;
      readonly path: string;
      readonly isFolder: boolean;
      readonly isEmpty: boolean;
    }
  | { readonly kind: "missing"; readonly link?: string; readonly target?: string; readonly isOutside?: boolean };

/** As often as Linux follows links. */
const mostLinks = 40;

/** Follows links as a builder does, for whom the context is all there is. */
function resolve(root: string, layers: readonly Layer[], wanted: string): Found {
  let path = wanted;
  let last: Omit<Extract<Found, { kind: "missing" }>, "kind"> = {};
  for (let count = 0; count < mostLinks; count += 1) {
    const step = firstLink(root, layers, path);
    if (step === undefined) return found(root, layers, path) ?? { kind: "missing", ...last };
    const target = readlinkSync(step.file);
    const lead = target.startsWith("/") ? target : join("/", posix.dirname(step.link), target);
    const isOutside = target.startsWith("/") || leaves(posix.dirname(step.link), target);
    last = { link: step.link, target, isOutside };
    if (isOutside && !target.startsWith("/")) return { kind: "missing", ...last };
    path = posix.join(lead, step.rest).replace(/^\/+/, "");
  }
  return { kind: "missing", ...last };
}

const leaves = (folder: string, target: string): boolean => /^\.\.(\/|$)/.test(posix.normalize(`${folder}/${target}`));

/** The first part of a path that is a link, and what follows it. */
function firstLink(root: string, layers: readonly Layer[], path: string) {
  const names = path.split("/");
  for (let count = 1; count <= names.length; count += 1) {
    const link = names.slice(0, count).join("/");
    for (const { directory } of layers) {
      const file = join(root, directory, link);
      if (statOf(file)?.isSymbolicLink()) return { link, file, rest: names.slice(count).join("/") };
    }
  }
  return undefined;
}

function found(root: string, layers: readonly Layer[], path: string): Found | undefined {
  for (const layer of layers) {
    const file = join(root, layer.directory, path);
    const stats = statOf(file);
    if (stats === undefined) continue;
    const isFolder = stats.isDirectory();
    return { kind: "there", layer, path, isFolder, isEmpty: isFolder && readdirSync(file).length === 0 };
  }
  return undefined;
}

function statOf(file: string) {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** Links into another part of the repository that are sent as they are, with a folder or by a wildcard, and lead nowhere in an image. */
function linksOutside(root: string, { directory }: Layer, reads: readonly ContextRead[]): Diagnostic[] {
  const wide = reads.filter(({ exact, path }) => !exact || statOf(join(root, directory, path))?.isDirectory());
  if (wide.length === 0) return [];
  return listFiles(root, directory).flatMap(({ path, link }) => {
    if (link === undefined || link.startsWith("/") || !leaves(posix.dirname(path), link)) return [];
    const isOfRepository = statOf(join(root, directory, posix.dirname(path), link)) !== undefined;
    if (!isOfRepository || !wide.some((each) => mayRead(each, path))) return [];
    const message = `${directory}/${path} is a link to ${link}, outside of ${directory}: an image gets the link, and what it leads to is not there`;
    const at = { file: `${directory}/${path}`, line: 1, column: 1 };
    return [warning("link-outside", message, { at, help: "put the file itself there" })];
  });
}
