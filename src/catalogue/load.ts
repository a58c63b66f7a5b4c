import { resolve } from "node:path";
import { type Diagnostic, sortDiagnostics } from "../diagnostics/diagnostic.ts";
import { checkAdopted } from "./check-adopted.ts";
import { checkCompat } from "./check-compat.ts";
import { checkGraph } from "./check-graph.ts";
import { fragmentProblems } from "./compat-fragments.ts";
import { linkBases } from "./link.ts";
import { listLayers } from "./list.ts";
import type { Catalogue, CompatLayer, ScienceLayer } from "./model.ts";
import { type DraftCompat, type DraftScience, readCompat, readScience } from "./read-layer.ts";
import { loadSettings, type SettingsOverrides } from "./settings.ts";

/**
 * Reads `science/`, `compat/` and `image-builder.json` below a root. Problems are returned with the catalogue, all at
 * once; a broken layer is left out of it and never hides the problems of others.
 */
export function loadCatalogue(root: string, overrides: SettingsOverrides = {}): Catalogue {
  const absolute = resolve(root);
  const { settings, diagnostics } = loadSettings(absolute, overrides);
  const scienceFolders = listLayers(absolute, "science");
  const compatFolders = listLayers(absolute, "compat");
  const science = scienceFolders.map((each) => readScience(absolute, each));
  const compat = compatFolders.map((each) => readCompat(absolute, each));
  const linked = linkBases(science, compat, settings);
  const layers = { science: linked.science, compat: linked.compat };
  const found = [
    ...diagnostics,
    ...problemsOf(science),
    ...problemsOf(compat),
    ...linked.diagnostics,
    ...check(layers, science, compat),
    ...checkAdopted(settings, new Set(compat.map((each) => each.name))),
  ];
  return { root: absolute, settings, ...layers, diagnostics: sortDiagnostics(found) };
}

const problemsOf = (drafts: readonly (DraftScience | DraftCompat)[]): Diagnostic[] =>
  drafts.flatMap((each) => each.diagnostics);

interface Layers {
  readonly science: readonly ScienceLayer[];
  readonly compat: readonly CompatLayer[];
}

function check(layers: Layers, science: readonly DraftScience[], compat: readonly DraftCompat[]): Diagnostic[] {
  const known = {
    targets: new Set(science.flatMap(possibleTargets)),
    compat: new Set(compat.map((each) => each.name)),
  };
  return [
    ...checkCompat(layers.science, layers.compat, known.compat),
    ...layers.compat.flatMap((each) => fragmentProblems(each, includers(each.name, layers.compat))),
    ...checkGraph(layers.science),
  ];
}

/** A layer whose definition is broken still has a name that others may rightly refer to. */
const possibleTargets = (draft: DraftScience): string[] => [draft.layer?.target ?? draft.name];

const includers = (name: string, compat: readonly CompatLayer[]): string[] =>
  compat.filter((each) => each.includes.includes(name)).map((each) => each.name);
