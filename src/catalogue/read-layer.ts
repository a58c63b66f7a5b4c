import { lstatSync } from "node:fs";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { parseDockerfile } from "../dockerfile/parse.ts";
import { isRepositoryComponent } from "../oci/reference.ts";
import { freezeMode } from "./freeze.ts";
import { listFiles } from "./layer-files.ts";
import { definitionName, dockerfileName, ignoreNames, type LayerFolder, linkedDirectory, missingFile } from "./list.ts";
import type { CompatLayer, DeclaredDirectory, DeclaredUser, ScienceLayer, SourceText } from "./model.ts";
import { readText, type TextFiles } from "./read-text.ts";
import { type CompatDefinition, compatDefinition, scienceDefinition } from "./schema.ts";
import { sharedFolders } from "./shared-folders.ts";
import { readTests } from "./tests.ts";
import { readDefinition } from "./validate.ts";
import { type DefinedVersion, readVersions } from "./variants.ts";

/** A layer as far as its own two files tell; `layer` is undefined when they are not good enough to go on. */
export interface Draft<L> {
  readonly name: string;
  readonly directory: string;
  readonly layer?: L;
  /** Where there is none: the layer without what is wrong of it, for checks alone. */
  readonly salvaged?: L;
  /** Keys that were wrong. */
  readonly lacks?: ReadonlySet<string>;
  /** Its text, also where there is no layer; it is read by `linkBases`. */
  readonly recipe?: SourceText;
  readonly diagnostics: readonly Diagnostic[];
}

export type DraftScience = Draft<ScienceLayer>;
export type DraftCompat = Draft<CompatLayer>;

/** One draft for each image-version of the directory, and one where there is none; the first has what is to be said of all. */
export function readScience(files: TextFiles, folder: LayerFolder): DraftScience[] {
  const draft = readDraft(files, folder, scienceDefinition, (common, value) => ({ common, value }));
  const { layer, salvaged, diagnostics, ...rest } = draft;
  const subject = layer ?? salvaged;
  if (subject === undefined) return [{ ...rest, diagnostics }];
  const lacksVersion = rest.lacks?.has("version") === true || rest.lacks?.has("variants") === true;
  const found = readVersions(files, subject.common.definition, subject.value);
  const all = [...diagnostics, ...(lacksVersion ? [] : found.diagnostics)];
  const { versions } = found;
  const made = (each: DefinedVersion) => scienceLayer(files, subject.common, folder, each);
  if (layer !== undefined && versions.length > 0)
    return versions.map((each, at) => ({ ...rest, diagnostics: at === 0 ? all : [], layer: made(each) }));
  const lacks = new Set([...(rest.lacks ?? []), ...(versions.length === 1 ? [] : ["version"])]);
  const value = { ...subject.value, version: subject.value.version ?? "unknown" };
  return [{ ...rest, diagnostics: all, lacks, salvaged: made(versions[0] ?? { value }) }];
}

export function readCompat(files: TextFiles, folder: LayerFolder): DraftCompat {
  return readDraft(files, folder, compatDefinition, (common, value) => compatLayer(files, common, folder, value));
}

type LayerFolderName = Pick<LayerFolder, "directory" | "name">;
type Common = Pick<ScienceLayer, "directory" | "name" | "definition" | "dockerfile" | "ignore">;

function readDraft<L, T>(
  files: TextFiles,
  folder: LayerFolder,
  schema: Parameters<typeof readDefinition<T>>[1],
  make: (common: Common, value: T) => L,
): Draft<L> {
  const { name, directory } = folder;
  if (folder.isLink) return { name, directory, diagnostics: [linkedDirectory(directory)] };
  const diagnostics: Diagnostic[] = [];
  const definition = readNeeded(files, directory, definitionName, diagnostics);
  const recipe = readNeeded(files, directory, dockerfileName, diagnostics);
  const ignore = readIgnore(files, directory, diagnostics);
  const validated = definition && readDefinition(definition, schema);
  if (validated) diagnostics.push(...validated.diagnostics);
  const known = definition && recipe && { name, directory, definition, dockerfile: recipe, ...(ignore && { ignore }) };
  const layer = known && validated?.value !== undefined ? make(known, validated.value) : undefined;
  diagnostics.push(...nameProblems(folder, validated?.value ?? validated?.salvaged, definition));
  const rest = layer ? { layer } : salvagedDraft({ name, directory, definition, recipe, ignore }, validated, make);
  return { name, directory, diagnostics, ...rest, ...(recipe && { recipe }) };
}

/** A layer without a Dockerfile still has a definition in which something may be wrong. */
function salvagedDraft<L, T>(
  {
    name,
    directory,
    definition,
    recipe,
    ignore,
  }: Partial<Common> & LayerFolderName & { recipe: SourceText | undefined },
  validated: ReturnType<typeof readDefinition<T>> | undefined,
  make: (common: Common, value: T) => L,
): Pick<Draft<L>, "salvaged" | "lacks"> {
  const value = validated?.value ?? validated?.salvaged;
  if (definition === undefined || value === undefined) return {};
  const dockerfile = recipe ?? { path: `${directory}/${dockerfileName}`, text: "" };
  const salvaged = make({ name, directory, definition, dockerfile, ...(ignore && { ignore }) }, value);
  return { salvaged, ...(validated?.lacks && { lacks: validated.lacks }) };
}

/** A directory's name is in the names of images, or what definitions name, unless a target stands for it. */
function nameProblems(
  { directory, name }: LayerFolder,
  value: unknown,
  definition: SourceText | undefined,
): Diagnostic[] {
  const { target } = (value ?? {}) as { target?: unknown };
  if (definition === undefined || target !== undefined || isRepositoryComponent(name)) return [];
  const isScience = directory.startsWith("science/");
  const message = `${JSON.stringify(name)}, the directory's name, ${isScience ? "is the target and" : ""} cannot be part of the name of an image`;
  return [
    error("wrong-name", message.replace("  ", " "), {
      at: { file: definition.path, line: 1, column: 1 },
      help: `${isScience ? 'give it a "target", or ' : ""}rename the directory: lower-case letters and digits, joined by single dots, one or two underscores, or dashes`,
    }),
  ];
}

function readNeeded(
  files: TextFiles,
  directory: string,
  name: string,
  diagnostics: Diagnostic[],
): SourceText | undefined {
  const read = readText(files, `${directory}/${name}`);
  if (read !== undefined && "source" in read) return read.source;
  diagnostics.push(read?.problem ?? missingFile(files.root, directory, name));
  return undefined;
}

/** Asked for by name first: most layers have none, and an exception costs more than all else that is done for a layer. */
function readIgnore(files: TextFiles, directory: string, diagnostics: Diagnostic[]): SourceText | undefined {
  const paths = ignoreNames.map((name) => `${directory}/${name}`);
  const path = paths.find((each) => lstatSync(`${files.root}/${each}`, { throwIfNoEntry: false }) !== undefined);
  const read = path === undefined ? undefined : readText(files, path);
  if (read !== undefined && "problem" in read) diagnostics.push(read.problem);
  return read !== undefined && "source" in read ? read.source : undefined;
}

function scienceLayer(
  files: TextFiles,
  common: Common,
  folder: LayerFolder,
  { value, variant }: DefinedVersion,
): ScienceLayer {
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
  const optional = {
    ...(description !== undefined && { description }),
    ...(variant && { variant }),
    ...(value.tags?.length && { tags: value.tags }),
    ...sharedFolders(files, value.contexts),
  };
  return {
    kind: "science",
    ...common,
    image,
    version,
    ...(compat !== false && { compat }),
    target,
    args,
    labels,
    test: readTests(test),
    platforms,
    secrets,
    retires,
    ...optional,
    bases: [],
  };
}

function compatLayer(files: TextFiles, common: Common, folder: LayerFolder, value: CompatDefinition): CompatLayer {
  const { includes = [], args = {}, test = [], description } = value;
  const optional = {
    ...(description !== undefined && { description }),
    ...(value.user && { user: declaredUser(value.user) }),
    ...(value.freeze !== undefined && { freeze: freezeMode(value.freeze) }),
    ...(value.mayChange && { mayChange: value.mayChange }),
    ...(value.secrets?.length && { secrets: value.secrets }),
    ...sharedFolders(files, value.contexts),
  };
  const directories = (value.directories ?? []).map(declaredDirectory);
  return {
    kind: "compat",
    ...common,
    dockerfile: { ...parseDockerfile(common.dockerfile.text), path: common.dockerfile.path },
    includes,
    args,
    test: readTests(test),
    ...optional,
    directories,
    bases: [],
    files: listFiles(files.root, folder.directory),
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
