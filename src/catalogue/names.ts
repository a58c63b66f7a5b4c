import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { formerTexts } from "./former.ts";
import { readJson } from "./json.ts";
import { definitionName, listLayers } from "./list.ts";
import { settingsFileName } from "./settings.ts";

/** What can be named on a command line. Image-versions are spelled as users pull them: `nist-basic:1.0`. */
export interface CatalogueNames {
  /** `science/nist-basic`, `compat/jupyter`. */
  readonly directories: readonly string[];
  /** Without versions, sorted. */
  readonly images: readonly string[];
  /** Image-versions that are defined or adopted, sorted. */
  readonly versions: readonly string[];
  readonly targets: readonly string[];
  /** Of compat layers. */
  readonly compat: readonly string[];
  /** Image-versions that are adopted. */
  readonly adopted: readonly string[];
  /** Image-versions that a definition gives up on purpose. */
  readonly retired: readonly string[];
  /** Builds by their unique tags: `nist-basic:1.0-42-f90dbd6`. */
  readonly withdrawn: readonly string[];
}

/**
 * Reads only what has a name, which is quicker than loading a catalogue by far: a shell asks for it at every key press.
 * Definitions that cannot be read have no names.
 */
export function readNames(root: string): CatalogueNames {
  const science = listLayers(root, "science");
  const compat = listLayers(root, "compat");
  const defined = science.map(({ directory, name }) => definedNames(join(root, directory, definitionName), name));
  const settings = readObject(join(root, settingsFileName))?.value;
  const adopted = pairs(settings?.["adopted"], "version");
  return {
    directories: [...science, ...compat].map(({ directory }) => directory),
    images: sorted(defined.flatMap(({ image }) => image)),
    versions: sorted([...defined.flatMap(({ versions }) => versions), ...adopted]),
    targets: defined.flatMap(({ target }) => target),
    compat: compat.map(({ name }) => name),
    adopted,
    retired: defined.flatMap(({ retired }) => retired),
    withdrawn: pairs(settings?.["withdrawn"], "tag"),
  };
}

const sorted = (names: readonly string[]): string[] => [...new Set(names)].sort();

/** Each is empty where the definition does not say it. */
interface DefinedNames {
  readonly image: readonly string[];
  readonly versions: readonly string[];
  readonly retired: readonly string[];
  readonly target: readonly string[];
}

function definedNames(path: string, directory: string): DefinedNames {
  const text = readIfThere(path);
  const read = text === undefined ? undefined : formerTexts(text, (name) => readIfThere(join(dirname(path), name)));
  if (read === undefined) return { image: [], versions: [], retired: [], target: [] };
  const { common, entries } = read;
  const all = entries === undefined ? [common] : [...entries.values()].map(({ value }) => value);
  const of = (key: "version" | "retires"): string[] =>
    all.flatMap(({ image, [key]: versions }) =>
      texts([image]).flatMap((name) => texts([versions].flat()).map((version) => `${name}:${version}`)),
    );
  const { target = directory } = common;
  return {
    image: [...new Set(texts(all.map(({ image }) => image)))],
    versions: of("version"),
    retired: [...new Set(of("retires"))],
    target: texts([target]),
  };
}

/** `image:version` or `image:tag` of each entry of a list. */
const pairs = (list: unknown, second: "version" | "tag"): string[] =>
  (Array.isArray(list) ? (list as unknown[]) : []).flatMap((each) => {
    const { image, [second]: rest } = (each ?? {}) as Record<string, unknown>;
    return typeof image === "string" && typeof rest === "string" ? [`${image}:${rest}`] : [];
  });

const texts = (list: unknown): string[] =>
  (Array.isArray(list) ? (list as unknown[]) : []).filter((each): each is string => typeof each === "string");

function readObject(path: string) {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  return { value: (readJson({ path, text }).value ?? {}) as Record<string, unknown> };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
