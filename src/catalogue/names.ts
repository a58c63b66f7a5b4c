import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readJson } from "./json.ts";
import { definitionName, listLayers } from "./list.ts";

/** What can be named on a command line. */
export interface CatalogueNames {
  /** `science/nist-basic`, `compat/jupyter`. */
  readonly directories: readonly string[];
  /** Images, image-versions and targets, sorted. */
  readonly images: readonly string[];
  readonly targets: readonly string[];
  /** Of compat layers. */
  readonly compat: readonly string[];
}

/**
 * Reads only what has a name, which is quicker than loading a catalogue by far: a shell asks for it at every key press.
 * Definitions that cannot be read have no names.
 */
export function readNames(root: string): CatalogueNames {
  const science = listLayers(root, "science");
  const compat = listLayers(root, "compat");
  const named = science.flatMap(
    ({ directory, name }) => definedNames(join(root, directory, definitionName), name) ?? [],
  );
  const images = named.flatMap(({ image, version, target }) => [
    ...(image === undefined ? [] : [image]),
    ...(image === undefined || version === undefined ? [] : [`${image}:${version}`]),
    target,
  ]);
  return {
    directories: [...science, ...compat].map(({ directory }) => directory),
    images: [...new Set(images)].sort(),
    targets: named.map(({ target }) => target),
    compat: compat.map(({ name }) => name),
  };
}

function definedNames(path: string, directory: string) {
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const { value, spellings } = readJson({ path, text });
  const { image, version, target } = (value ?? {}) as Record<string, unknown>;
  return {
    image: textOrNone(image),
    version: spellings["version"] ?? textOrNone(version),
    target: textOrNone(target) ?? directory,
  };
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const textOrNone = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);
