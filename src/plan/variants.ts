import { formerTexts } from "../catalogue/former.ts";
import { scienceKeys } from "../catalogue/keys.ts";
import type { ScienceLayer, SourceText } from "../catalogue/model.ts";
import type { ChangedFile } from "../changes/model.ts";

/** A definition as it was and as it is, of one variant of a directory. */
interface VariantTexts {
  /** The text of the entry, and what stands in the definition beside all entries. */
  readonly own: string;
  readonly rest: string;
  /** Everything that counts for the variant. */
  readonly value: Readonly<Record<string, unknown>>;
}

/**
 * The changes of a layer's directory that are changes of the layer. An entry of `variants` is part of that variant alone (B48), so
 * that a change of the definition, or of the file that lists them, is left out where it leaves this one as it was.
 */
export function changesOf(layer: ScienceLayer, files: readonly ChangedFile[]): readonly ChangedFile[] {
  if (layer.variant === undefined) return files;
  const lists = new Set([layer.definition.path, layer.variant.source.path]);
  if (!files.some(({ path }) => lists.has(path))) return files;
  const [was, is] = [formerVariant(layer, files), presentVariant(layer)];
  const isSame = was !== undefined && was.own === is?.own && was.rest === is.rest;
  return isSame ? files.filter(({ path }) => !lists.has(path)) : files;
}

/** Whether a variant's keys that a build reads are what they were. */
export function sameKeys(layer: ScienceLayer, files: readonly ChangedFile[]): boolean {
  const [was, is] = [formerVariant(layer, files)?.value, presentVariant(layer)?.value];
  if (was === undefined || is === undefined) return false;
  return reachingKeys(layer).every((key) => JSON.stringify(was[key]) === JSON.stringify(is[key]));
}

/** Keys whose change can reach the image or a tag of it. Further tags are those of the interface, where there is one. */
export const reachingKeys = ({ compat }: ScienceLayer): string[] =>
  Object.entries(scienceKeys).flatMap(([key, { reaches }]) =>
    reaches || (key === "tags" && compat === undefined) ? [key] : [],
  );

/**
 * Undefined where there was none of this version, and where the list was kept elsewhere: a file that comes to be the list is no longer
 * part of the build context, and one that was it comes to be.
 */
function formerVariant(layer: ScienceLayer, files: readonly ChangedFile[]): VariantTexts | undefined {
  const text = formerText(layer.definition, files);
  const list = layer.variant?.source ?? layer.definition;
  const isElsewhere = (formerList(layer, text) ?? layer.definition.path) !== list.path;
  return isElsewhere ? undefined : variantIn(layer, text, () => formerText(list, files));
}

const presentVariant = (layer: ScienceLayer): VariantTexts | undefined =>
  variantIn(layer, layer.definition.text, () => layer.variant?.source.text);

function variantIn(
  { version }: ScienceLayer,
  text: string | undefined,
  list: (name: string) => string | undefined,
): VariantTexts | undefined {
  const texts = text === undefined ? undefined : formerTexts(text, list);
  const entry = texts?.entries?.get(version);
  return texts && entry && { own: entry.text, rest: texts.rest, value: entry.value };
}

/** As it stood at the start of the range: as it is, where it has not changed. */
function formerText({ path, text }: SourceText, files: readonly ChangedFile[]): string | undefined {
  const changed = files.find((each) => each.path === path);
  return changed === undefined ? text : changed.before;
}

/** The file that the definition named at the start of the range. */
function formerList({ directory }: ScienceLayer, definition: string | undefined): string | undefined {
  const named = definition === undefined ? undefined : formerTexts(definition, () => undefined)?.common["variants"];
  return typeof named === "string" ? `${directory}/${named}` : undefined;
}
