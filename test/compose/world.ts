import type { Base, BaseSource, Catalogue, CompatLayer, ScienceLayer } from "../../src/catalogue/model.ts";
import type { ContextFile, Contexts } from "../../src/compose/model.ts";
import { imageReferences, parseDockerfile } from "../../src/dockerfile/index.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import type { CompatBuild, Plan, PlannedBuild, ScienceBuild } from "../../src/plan/model.ts";

export const repo = "registry.test/images";

interface Named {
  readonly name: string;
  readonly via?: Base["via"];
  readonly stage?: number;
}

/** A reference that is written once in the text; `sci/NAME:VERSION` is a parent, anything else is somebody else's. */
export function base(text: string, { name, via = "from", stage = 0 }: Named): Base {
  const start = text.indexOf(name);
  if (start === -1) throw new Error(`${name} is not in the text`);
  const range = { start, end: start + name.length };
  const parent = /^sci\/(.*):(.*)$/.exec(name);
  const source: BaseSource = parent
    ? { kind: "parent", target: parent[1] ?? "", version: parent[2] ?? "" }
    : { kind: name === "scratch" ? "scratch" : "external" };
  const final = imageReferences(parseDockerfile(text), {}).some((each) => each.final && each.range.start === start);
  return { via, stage, final, range, place: { file: "Dockerfile", line: 1, column: 1 }, written: name, name, source };
}

type LayerOptions<L> = Partial<Omit<L, "bases" | "dockerfile" | "ignore">> & {
  readonly bases?: readonly Named[];
  readonly ignore?: string;
};

function layer(kind: string, name: string, text: string, ignore: string | undefined) {
  const directory = `${kind}/${name}`;
  return {
    directory,
    name,
    args: {},
    test: [],
    definition: { path: `${directory}/sciserver-image.json`, text: "{}" },
    dockerfile: { ...parseDockerfile(text), path: `${directory}/Dockerfile` },
    ...(ignore === undefined ? {} : { ignore: { path: `${directory}/.dockerignore`, text: ignore } }),
    places: {},
  };
}

export function science(target: string, text: string, options: LayerOptions<ScienceLayer> = {}): ScienceLayer {
  const { bases = [], ignore, ...rest } = options;
  return {
    ...layer("science", target, text, ignore),
    kind: "science",
    target,
    image: target,
    version: "1.0",
    compat: "jupyter",
    labels: {},
    platforms: [],
    secrets: [],
    retires: [],
    ...rest,
    bases: bases.map((each) => base(text, each)),
  };
}

export function compat(name: string, text: string, options: LayerOptions<CompatLayer> = {}): CompatLayer {
  const { bases = [], ignore, ...rest } = options;
  return {
    ...layer("compat", name, text, ignore),
    kind: "compat",
    includes: [],
    directories: [],
    files: [],
    ...rest,
    bases: bases.map((each) => base(text, each)),
  };
}

export const catalogue = (scienceLayers: readonly ScienceLayer[], compatLayers: readonly CompatLayer[]): Catalogue => ({
  root: "/catalogue",
  settings: {
    repo,
    home: repo,
    meaningful: false,
    freeze: "warn",
    mayChange: {},
    tests: "changed",
    insecure: [],
    copies: [],
    mirrors: [],
    adopted: [],
    withdrawn: [],
  },
  science: scienceLayers,
  compat: compatLayers,
  diagnostics: [],
});

export const stamp = "42-f90dbd6";

export const scienceBuild = (target: string, version = "1.0", more: Partial<ScienceBuild> = {}): ScienceBuild => ({
  id: `science/${target}`,
  kind: "science",
  directory: `science/${target}`,
  target,
  image: target,
  version,
  tags: [`${repo}/sci/${target}:${version}-${stamp}`, `${repo}/sci/${target}:${version}`],
  dependsOn: [],
  reasons: [{ kind: "all" }],
  ...more,
});

export const compatBuild = (image: string, layers: readonly string[], more: Partial<CompatBuild> = {}): CompatBuild => {
  const version = more.version ?? "1.0";
  return {
    id: `compat/${image}:${version}`,
    kind: "compat",
    image,
    version,
    science: image,
    layers,
    replaced: [],
    tags: [`${repo}/rel/${image}:${version}-${stamp}`, `${repo}/rel/${image}:${version}`],
    dependsOn: [],
    reasons: [{ kind: "all" }],
    ...more,
  };
};

export const plan = (...builds: readonly PlannedBuild[]): Plan => ({
  formatVersion: 1,
  repo,
  commit: "f90dbd6000000000000000000000000000000000",
  stamp,
  dirty: false,
  since: { kind: "all" },
  builds,
  warnings: [],
  summary: {
    science: builds.filter(({ kind }) => kind === "science").length,
    compat: builds.filter(({ kind }) => kind === "compat").length,
  },
});

/** Files by path with their content; the recipe files are always among them. */
export const context = (directory: string, files: Readonly<Record<string, string>> = {}): ContextFile[] =>
  Object.entries({ ...files, Dockerfile: "", "sciserver-image.json": "{}" })
    .map(([path, content]) => file(directory, path, content))
    .sort((a, b) => (a.path < b.path ? -1 : 1));

export const file = (directory: string, path: string, content: string): ContextFile => ({
  path,
  source: `${directory}/${path}`,
  type: "file",
  mode: 0o644,
  size: content.length,
  digest: sha256Digest(content),
});

/** Contexts without files for every layer, but for those that are given. */
export const contexts = (of: Catalogue, given: Contexts = {}): Contexts =>
  Object.fromEntries(
    [...of.science, ...of.compat].map(({ directory }) => [directory, given[directory] ?? context(directory)]),
  );
