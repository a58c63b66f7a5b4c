import type { Base, Catalogue, CompatLayer, Recipe, ScienceLayer, Settings } from "../../src/catalogue/model.ts";
import type { ChangedFile, ChangeSet } from "../../src/changes/model.ts";
import { parseDockerfile } from "../../src/dockerfile/parse.ts";

/** A science layer as a literal: `science("x", { from: "y" })` is built on the target y, `from: "debian"` on no layer. */
export function science(
  name: string,
  { from = [], ...rest }: { from?: string | readonly string[] } & Partial<ScienceLayer> = {},
): ScienceLayer {
  const directory = `science/${name}`;
  const names = typeof from === "string" ? [from] : from;
  return {
    kind: "science",
    ...sources(directory, `FROM ${names[0] ?? "debian"}\n`, { image: name, version: "1.0", compat: "jupyter" }),
    name,
    target: name,
    image: name,
    version: "1.0",
    compat: "jupyter",
    args: {},
    labels: {},
    test: [],
    platforms: [],
    secrets: [],
    retires: [],
    bases: names.map((each) => parent(each, directory)),
    ...rest,
  };
}

export function compat(name: string, { includes = [], ...rest }: Partial<CompatLayer> = {}): CompatLayer {
  const common = sources(`compat/${name}`, `ENV NAME=${name}\n`, { includes });
  return {
    kind: "compat",
    ...common,
    name,
    includes,
    args: {},
    test: [],
    directories: [],
    bases: [],
    files: [],
    ...rest,
  };
}

export function catalogue(
  layers: readonly (ScienceLayer | CompatLayer)[],
  settings: Partial<Settings> = {},
): Catalogue {
  return {
    root: "/catalogue",
    settings: {
      repo: "registry.example.org/images",
      home: "registry.example.org/images",
      meaningful: false,
      freeze: "warn",
      mayChange: {},
      tests: "changed",
      insecure: [],
      copies: [],
      mirrors: [],
      adopted: [],
      withdrawn: [],
      ...settings,
    },
    science: layers.filter((each) => each.kind === "science"),
    compat: layers.filter((each) => each.kind === "compat"),
    diagnostics: [],
  };
}

/** A range of one commit that changed these files. */
export function changes(files: readonly (string | ChangedFile)[], rest: Partial<ChangeSet> = {}): ChangeSet {
  return {
    since: { kind: "git", range: "HEAD^..HEAD", base: "b".repeat(40) },
    head: {
      commit: `f90dbd6${"0".repeat(33)}`,
      abbreviated: "f90dbd6",
      count: 42,
      committed: 1_700_000_000,
      dirty: false,
    },
    files: files.map((each) =>
      typeof each === "string" ? { path: each, status: "modified", uncommitted: false } : each,
    ),
    committed: [],
    untracked: [],
    formerDefinitions: [],
    warnings: [],
    ...rest,
  };
}

function sources(directory: string, dockerfile: string, definition: object) {
  return {
    directory,
    definition: { path: `${directory}/sciserver-image.json`, text: JSON.stringify(definition) },
    dockerfile: recipe(`${directory}/Dockerfile`, dockerfile),
  };
}

export const recipe = (path: string, text: string): Recipe => ({ ...parseDockerfile(text), path });

function parent(target: string, directory: string): Base {
  const place = { file: `${directory}/Dockerfile`, line: 1, column: 6 };
  const range = { start: 5, end: 5 + target.length };
  const source =
    target === "debian" ? ({ kind: "external" } as const) : ({ kind: "parent", target, version: "1.0" } as const);
  return { via: "from", stage: 0, final: true, range, place, written: target, name: target, source };
}
