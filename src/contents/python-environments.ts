import { baseName, parentPath } from "../files/entry.ts";
import type { ImageConfig } from "../oci/config.ts";
import type { ImageFacts } from "./model.ts";
import type { Package } from "./packages.ts";
import { type PythonHome, pythonHomes } from "./python-homes.ts";
import { type PythonStart, searchPath, startOf } from "./python-path.ts";

/** A Python interpreter or virtual environment, and what `pip list` shows in it. */
export interface PythonEnvironment {
  /** The program, from the root of the image. */
  readonly interpreter: string;
  /** `3.11` */
  readonly version: string;
  /** Folders behind the standard library in which packages are looked for, first to last. */
  readonly path: readonly string[];
  /** Files that run code when it starts, so that the path need not be all. */
  readonly code: readonly string[];
  /** Of packages of one name the first on the path, sorted by name. */
  readonly packages: readonly Pick<Package, "name" | "version" | "path">[];
}

/** Every Python of an image, as the image's user finds it. */
export const pythonEnvironments = (
  facts: ImageFacts,
  config: ImageConfig,
  packages: readonly Package[],
): PythonEnvironment[] => {
  const byFolder = new Map<string, Package[]>();
  for (const each of packages) if (each.ecosystem === "python") file(byFolder, each);
  const start = startOf(facts, config);
  return pythonHomes(facts).map((home) => environmentOf(home, facts, start, byFolder));
};

/** An egg is a folder on the path itself. */
function file(byFolder: Map<string, Package[]>, found: Package): void {
  const folder = found.path.endsWith(".egg") ? found.path : parentPath(found.path);
  byFolder.set(folder, [...(byFolder.get(folder) ?? []), found]);
}

function environmentOf(
  home: PythonHome,
  facts: ImageFacts,
  start: PythonStart,
  byFolder: ReadonlyMap<string, readonly Package[]>,
): PythonEnvironment {
  const { first: early, sites, code } = searchPath(home, facts, start);
  const folders = [...early, ...sites];
  const first = new Map<string, Package>();
  for (const folder of folders)
    for (const each of byFolder.get(folder) ?? []) {
      const name = canonical(each.name);
      if (!first.has(name) && !hidden.has(name) && !baseName(each.path).startsWith("~")) first.set(name, each);
    }
  return {
    interpreter: `/${home.interpreter}`,
    version: home.version,
    path: folders.map((folder) => `/${folder}`),
    code: code.map((path) => `/${path}`),
    packages: [...first]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { name, version, path }]) => ({ name, version, path })),
  };
}

/** https://packaging.python.org/en/latest/specifications/name-normalization/ */
const canonical = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, "-");

/** Parts of the standard library, which pip does not show. */
const hidden: ReadonlySet<string> = new Set(["python", "wsgiref", "argparse"]);
