import { lstatSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, error, problem } from "../diagnostics/diagnostic.ts";
import { locate } from "../diagnostics/text.ts";
import type { Dockerfile } from "../dockerfile/model.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import { listFiles } from "./layer-files.ts";
import { definitionName, dockerfileName, ignoreName, type LayerFolder } from "./list.ts";
import type { CompatLayer, DeclaredDirectory, DeclaredUser, ScienceLayer, SourceText } from "./model.ts";
import { type CompatDefinition, compatDefinition, type ScienceDefinition, scienceDefinition } from "./schema.ts";
import { readDefinition, type Validated } from "./validate.ts";

/** A layer as far as its own two files tell; `layer` is undefined when they are not good enough to go on. */
interface Draft<L> {
  readonly name: string;
  readonly directory: string;
  readonly layer?: L;
  readonly dockerfile?: Dockerfile;
  readonly diagnostics: readonly Diagnostic[];
}

export type DraftScience = Draft<ScienceLayer>;
export type DraftCompat = Draft<CompatLayer>;

export function readScience(root: string, folder: LayerFolder): DraftScience {
  return readDraft(root, folder, scienceDefinition, (common, value) => scienceLayer(common, folder, value));
}

export function readCompat(root: string, folder: LayerFolder): DraftCompat {
  return readDraft(root, folder, compatDefinition, (common, value) => compatLayer(common, root, folder, value));
}

type Common = Pick<ScienceLayer, "directory" | "name" | "definition" | "dockerfile" | "ignore" | "places">;

function readDraft<L, T>(
  root: string,
  folder: LayerFolder,
  schema: Parameters<typeof readDefinition<T>>[1],
  make: (common: Common, value: T) => L,
): Draft<L> {
  const { name, directory } = folder;
  const definition = folder.hasDefinition ? readText(root, `${directory}/${definitionName}`) : undefined;
  const recipe = folder.hasDockerfile ? readText(root, `${directory}/${dockerfileName}`) : undefined;
  const ignore = folder.hasIgnore ? readText(root, `${directory}/${ignoreName}`) : undefined;
  const validated = definition?.source && readDefinition(definition.source, schema);
  const dockerfile = recipe?.source && parseDockerfile(recipe.source.text);
  const diagnostics = [
    ...folder.diagnostics,
    ...(definition?.diagnostics ?? []),
    ...(recipe?.diagnostics ?? []),
    ...(ignore?.diagnostics ?? []),
    ...(validated?.diagnostics ?? []),
    ...(recipe?.source && dockerfile ? dockerfileProblems(recipe.source, dockerfile, folder) : []),
  ];
  const layer =
    recipe?.source &&
    validated &&
    draftLayer(
      validated,
      { name, directory, dockerfile: recipe.source, ...(ignore?.source && { ignore: ignore.source }) },
      make,
    );
  return { name, directory, diagnostics, ...(layer && { layer }), ...(dockerfile && { dockerfile }) };
}

function draftLayer<L, T>(
  validated: Validated<T>,
  known: Omit<Common, "definition" | "places">,
  make: (common: Common, value: T) => L,
): L | undefined {
  if (validated.value === undefined) return undefined;
  const { document } = validated;
  const definition = { path: `${known.directory}/${definitionName}`, text: document.text };
  return make({ ...known, definition, places: document.places }, validated.value);
}

/** Larger recipes and definitions are no work of people. Bytes. */
const largestText = 4 * 1024 * 1024;

function readText(root: string, path: string): { source?: SourceText; diagnostics: Diagnostic[] } {
  const at = { file: path, line: 1, column: 1 };
  try {
    const { size } = lstatSync(join(root, path));
    if (size > largestText)
      return {
        diagnostics: [error("file-too-large", `${path} has ${size} bytes; at most ${largestText} are read`, { at })],
      };
    return { source: { path, text: readFileSync(join(root, path), "utf8") }, diagnostics: [] };
  } catch (cause) {
    const notes = [{ message: (cause as Error).message }];
    return {
      diagnostics: [error("unreadable-file", `${path} cannot be read`, { at, notes, help: "check its permissions" })],
    };
  }
}

/** In a fragment without stages, text before FROM is the rule and not a mistake. */
function dockerfileProblems(source: SourceText, dockerfile: Dockerfile, folder: LayerFolder): Diagnostic[] {
  const isFragment = folder.directory.startsWith("compat/");
  const counted = dockerfile.problems.filter((each) => !(isFragment && fragmentCodes.has(each.code)));
  return counted.map(({ severity, code, message, range, help }) =>
    problem(severity, code, message, {
      ...locate(source.path, source.text, range),
      ...(help !== undefined && { help }),
    }),
  );
}

const fragmentCodes = new Set(["instruction-before-from", "no-from", "no-instructions", "dangling-continuation"]);

function scienceLayer(common: Common, folder: LayerFolder, value: ScienceDefinition): ScienceLayer {
  const {
    image,
    version,
    compat,
    target = folder.name,
    args = {},
    labels = {},
    test = [],
    platforms = [],
    secrets = [],
    retires = [],
    description,
  } = value;
  const optional = description === undefined ? {} : { description };
  return {
    kind: "science",
    ...common,
    image,
    version,
    compat,
    target,
    args,
    labels,
    test,
    platforms,
    secrets,
    retires,
    ...optional,
    bases: [],
  };
}

function compatLayer(common: Common, root: string, folder: LayerFolder, value: CompatDefinition): CompatLayer {
  const { includes = [], args = {}, test = [], description } = value;
  const optional = {
    ...(description !== undefined && { description }),
    ...(value.user && { user: declaredUser(value.user) }),
  };
  const directories = (value.directories ?? []).map(declaredDirectory);
  return {
    kind: "compat",
    ...common,
    includes,
    args,
    test,
    ...optional,
    directories,
    bases: [],
    files: listFiles(root, folder.directory),
  };
}

function declaredUser(user: NonNullable<CompatDefinition["user"]>): DeclaredUser {
  const { name, uid, gid = uid, group = name, home, shell = "/bin/bash" } = user;
  return { name, uid, gid, group, home, shell };
}

function declaredDirectory(entry: NonNullable<CompatDefinition["directories"]>[number]): DeclaredDirectory {
  if (typeof entry === "string") return { path: entry };
  const { path, owner, mode } = entry;
  return { path, ...(owner !== undefined && { owner }), ...(mode !== undefined && { mode: Number.parseInt(mode, 8) }) };
}
