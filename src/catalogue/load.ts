import { resolve } from "node:path";
import { type Diagnostic, sortDiagnostics } from "../diagnostics/diagnostic.ts";
import { checkAdopted } from "./check-adopted.ts";
import { checkCompat } from "./check-compat.ts";
import { checkEffect } from "./check-effect.ts";
import { checkGraph } from "./check-graph.ts";
import { checkShared } from "./check-shared.ts";
import { checkTests } from "./check-tests.ts";
import { fragmentProblems } from "./compat-fragments.ts";
import { linkBases } from "./link.ts";
import { listLayers, misplacedFolders } from "./list.ts";
import type { Catalogue, CompatLayer, ScienceLayer, SourceText } from "./model.ts";
import { type Draft, type DraftCompat, type DraftScience, readCompat, readScience } from "./read-layer.ts";
import type { TextFiles } from "./read-text.ts";
import { loadSettings, type SettingsOverrides } from "./settings.ts";

/**
 * Reads `science/`, `compat/` and `image-builder.json` below a root. Problems are returned with the catalogue, all at
 * once; a broken layer is left out of it and never hides the problems of others. `converted` and `known`: texts
 * by path, as `TextFiles` has them.
 */
export function loadCatalogue(
  root: string,
  overrides: SettingsOverrides = {},
  { converted = new Map(), known = new Map() }: Partial<Omit<TextFiles, "root">> = {},
): Catalogue {
  const absolute = resolve(root);
  const files = { root: absolute, converted, known };
  const { settings, source, diagnostics } = loadSettings(files, overrides);
  const scienceFolders = listLayers(absolute, "science");
  const compatFolders = listLayers(absolute, "compat");
  const science = scienceFolders.flatMap((each) => readScience(files, each));
  const compat = compatFolders.map((each) => readCompat(files, each));
  const linked = linkBases(science, compat, settings);
  const layers = { science: linked.science, compat: linked.compat };
  const found = [
    ...diagnostics,
    ...misplacedFolders(absolute),
    ...problemsOf(science),
    ...problemsOf(compat),
    ...linked.diagnostics,
    ...check(absolute, layers, science, compat, linked.broken),
    ...checkAdopted(settings, new Set(compat.map((each) => each.name))),
  ];
  const broken = [...salvagedOf(science, linked.broken, []), ...salvagedOf(compat, linked.broken, ["includes"])];
  return {
    root: absolute,
    settings,
    ...(source && { source }),
    ...layers,
    ...(broken.length > 0 && { broken }),
    diagnostics: sortDiagnostics(once(found)),
  };
}

/** Every text that says how to build, as it was read. */
export const recipesOf = ({ source, science, compat }: Catalogue): SourceText[] => [
  ...(source ? [source] : []),
  ...once([...science, ...compat].flatMap(textsOf)),
];

const textsOf = (layer: ScienceLayer | CompatLayer): SourceText[] => {
  const { definition, dockerfile, ignore } = layer;
  const list = layer.kind === "science" ? layer.variant?.source : undefined;
  const shared = layer.contexts?.flatMap((each) => each.ignore ?? []) ?? [];
  return [definition, dockerfile, ...(ignore ? [ignore] : []), ...(list ? [list] : []), ...shared];
};

/** Variants of a directory have texts in common, and mistakes in these. */
const once = <T extends SourceText | Diagnostic>(all: readonly T[]): T[] => [
  ...new Map(all.map((each) => ["path" in each ? each.path : JSON.stringify(each), each])).values(),
];

const problemsOf = (drafts: readonly (DraftScience | DraftCompat)[]): Diagnostic[] =>
  drafts.flatMap((each) => each.diagnostics);

interface Layers {
  readonly science: readonly ScienceLayer[];
  readonly compat: readonly CompatLayer[];
}

function check(
  root: string,
  layers: Layers,
  science: readonly DraftScience[],
  compat: readonly DraftCompat[],
  broken: ReadonlyMap<string, ScienceLayer | CompatLayer>,
): Diagnostic[] {
  const known = {
    targets: new Set(science.flatMap(possibleTargets)),
    compat: new Set(compat.map((each) => each.name)),
  };
  const all = {
    science: [...layers.science, ...salvagedOf(science, broken, ["compat"])],
    compat: [...layers.compat, ...salvagedOf(compat, broken, ["includes"])],
  };
  return [
    ...checkShared(
      root,
      [
        ...layers.science,
        ...salvagedOf(science, broken, ["contexts"]),
        ...layers.compat,
        ...salvagedOf(compat, broken, ["contexts"]),
      ].filter(({ dockerfile }) => dockerfile.text !== ""),
    ),
    ...checkCompat(all.science, all.compat, known.compat),
    ...all.compat.flatMap((each) => fragmentProblems(each, includers(each.name, layers.compat))),
    ...checkGraph(withBroken(layers.science, salvagedOf(science, broken, ["target"])), {
      isWhole: science.every(
        ({ layer, recipe, lacks }) => layer || (recipe && lacks && !identity.some((key) => lacks.has(key))),
      ),
    }),
    ...checkTests(root, [
      ...withBroken(layers.science, salvagedOf(science, broken, ["test"])),
      ...withBroken(layers.compat, salvagedOf(compat, broken, ["test"])),
    ]),
    ...checkEffect(withBroken(layers.science, salvagedOf(science, broken, ["platforms"]))),
  ];
}

/** Keys without which it is not known which image-version a layer belongs to. */
const identity = ["image", "version", "target"];

/** The list itself where there is nothing to add: graphs are remembered by their list. */
const withBroken = <L>(sound: readonly L[], broken: readonly L[]): readonly L[] =>
  broken.length === 0 ? sound : [...sound, ...broken];

/** Broken layers as far as they go, with their bases, where the keys that are to be checked are sound. */
const salvagedOf = <L extends ScienceLayer | CompatLayer>(
  drafts: readonly Draft<L>[],
  broken: ReadonlyMap<string, ScienceLayer | CompatLayer>,
  keys: readonly string[],
): L[] =>
  drafts.flatMap(({ directory, salvaged, lacks }) =>
    salvaged !== undefined && !keys.some((key) => lacks?.has(key)) ? [(broken.get(directory) as L) ?? salvaged] : [],
  );

/** A layer whose definition is broken still has a name that others may rightly refer to. */
const possibleTargets = (draft: DraftScience): string[] => [draft.layer?.target ?? draft.name];

const includers = (name: string, compat: readonly CompatLayer[]): string[] =>
  compat.filter((each) => each.includes.includes(name)).map((each) => each.name);
