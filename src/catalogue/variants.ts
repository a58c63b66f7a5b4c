import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { locate } from "../diagnostics/text.ts";
import { type JsonDocument, readJson } from "./json.ts";
import { recipeNames } from "./list.ts";
import type { CompatLayer, ScienceLayer, SourceText, Variant } from "./model.ts";
import { readText, type TextFiles } from "./read-text.ts";
import { type ScienceDefinition, type VariantDefinition, variantsFile } from "./schema.ts";
import { missingKey, readDefinition, validate } from "./validate.ts";

/** One image-version of a definition, with its own keys in place of those of all. */
export interface DefinedVersion {
  readonly value: ScienceDefinition & { readonly version: string };
  /** Absent where the definition has one version and no `variants`. */
  readonly variant?: Variant;
}

interface DefinedVersions {
  /** Empty when there is something wrong with all of them. */
  readonly versions: readonly DefinedVersion[];
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * The image-versions of a definition: the one of its `version`, or those of its `variants`, inline or in the file that it names
 * (B48). `args`, `labels` and `contexts` of a variant are added to those of all, key by key; every other key is used in place of that of all.
 */
export function readVersions(files: TextFiles, definition: SourceText, value: ScienceDefinition): DefinedVersions {
  const { variants, version } = value;
  if (variants === undefined)
    return version === undefined
      ? { versions: [], diagnostics: [missingKey(definition, readJson(definition), "version")] }
      : { versions: [{ value: { ...value, version } }], diagnostics: [] };
  const diagnostics = version === undefined ? [] : [besideVariants(definition)];
  const list = typeof variants === "string" ? readList(files, definition, variants) : inline(definition, variants);
  const found = [...diagnostics, ...list.diagnostics, ...doubles(list)];
  const entries = found.some(({ severity }) => severity === "error") ? [] : list.entries;
  return {
    versions: entries.map((entry, at) => ({
      value: mergeVariant(value, entry),
      variant: { source: list.source, path: `${list.prefix}${at}` },
    })),
    diagnostics: found,
  };
}

interface List {
  readonly source: SourceText;
  readonly entries: readonly VariantDefinition[];
  /** What stands before the index in paths of the document: "variants." or nothing, for a list alone. */
  readonly prefix: string;
  readonly diagnostics: readonly Diagnostic[];
}

const inline = (source: SourceText, entries: readonly VariantDefinition[]): List => ({
  source,
  entries,
  prefix: "variants.",
  diagnostics: entries.length === 0 ? [noVariants(source, "variants")] : [],
});

function readList(files: TextFiles, definition: SourceText, name: string): List {
  const path = `${definition.path.slice(0, definition.path.lastIndexOf("/"))}/${name}`;
  const read = readText(files, path);
  const nothing = { source: definition, entries: [], prefix: "" };
  if (read === undefined) return { ...nothing, diagnostics: [missingList(definition, path)] };
  if ("problem" in read) return { ...nothing, diagnostics: [read.problem] };
  const { source } = read;
  const document = readJson(source);
  const isList = Array.isArray(document.value);
  const { value, diagnostics } = isList
    ? validate(source, asVariants(document), variantsFile)
    : readDefinition(source, variantsFile);
  const entries = value?.variants ?? [];
  const empty = value !== undefined && entries.length === 0 ? [noVariants(source, isList ? "" : "variants")] : [];
  return { source, entries, prefix: isList ? "" : "variants.", diagnostics: [...diagnostics, ...empty] };
}

/** A list alone as if it stood below the key `variants`. */
function asVariants({ value, places, keys, spellings, ...rest }: JsonDocument): JsonDocument {
  const below = <T>(all: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(all).map(([path, each]) => [path === "" ? "variants" : `variants.${path}`, each]),
    );
  return { ...rest, value: { variants: value }, places: below(places), keys: below(keys), spellings: below(spellings) };
}

/** Whether a file of a layer's directory says how to build it, so that it is not part of what is built. */
export const isRecipe = (layer: ScienceLayer | CompatLayer, path: string): boolean =>
  recipeNames.has(path) || (layer.kind === "science" && layer.variant?.source.path === `${layer.directory}/${path}`);

/** What an entry makes of the keys of all. */
export function mergeVariant<C extends Mergeable, E extends Mergeable>(common: C, entry: E): C & E {
  const merged = (key: keyof Mergeable) =>
    entry[key] === undefined ? {} : { [key]: { ...(common[key] as object | undefined), ...(entry[key] as object) } };
  return { ...common, ...entry, ...merged("args"), ...merged("labels"), ...merged("contexts") };
}

interface Mergeable {
  readonly args?: unknown;
  readonly labels?: unknown;
  readonly contexts?: unknown;
}

/** Variants of one directory share a target, so that their versions alone tell them apart. */
function doubles({ source, entries, prefix }: List): Diagnostic[] {
  const first = new Map<string, number>();
  return entries.flatMap(({ version }, at) => {
    const other = first.get(version);
    if (other === undefined) first.set(version, at);
    if (other === undefined) return [];
    const place = (index: number) => placeOf(source, `${prefix}${index}.version`);
    return [
      error("duplicate-variant", `another variant of this directory has the version "${version}"`, {
        ...place(at),
        notes: [{ message: "it is first given here", at: place(other).at }],
        help: 'give each variant a version of its own, for example "2.4" and "2.4-cuda"',
      }),
    ];
  });
}

const placeOf = (source: SourceText, path: string) => {
  const { places } = readJson(source);
  return locate(source.path, source.text, places[path] ?? places[""] ?? { start: 0, end: 1 });
};

const besideVariants = (definition: SourceText): Diagnostic =>
  error("version-beside-variants", 'a definition has a "version" or "variants", and not both', {
    ...placeOf(definition, "version"),
    help: 'take "version" out: each of the variants has one of its own',
  });

const noVariants = (source: SourceText, path: string): Diagnostic =>
  error("no-variants", "the list of variants is empty, so that this directory defines no image", {
    ...placeOf(source, path),
    help: 'list at least one, for example { "version": "1.0" }, or write "version" in place of "variants"',
  });

const missingList = (definition: SourceText, path: string): Diagnostic =>
  error("missing-variants", `${path}, the list of variants, is not there`, {
    ...placeOf(definition, "variants"),
    help: `add it: { "variants": [ { "version": "1.0" } ] }`,
  });
