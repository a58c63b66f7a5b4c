import { finalLayers, type ScienceGraph, scienceGraph } from "../catalogue/graph.ts";
import type { AdoptedImage, Catalogue, ScienceLayer } from "../catalogue/model.ts";
import { layerKey } from "../naming/build-id.ts";
import { releaseName, scienceName } from "../naming/layer-name.ts";
import { activeAdoptions } from "../plan/adopted.ts";
import { type Stacks, stacksOf } from "../plan/stacks.ts";
import type { Definition } from "./judge.ts";
import type { TodaysInputs } from "./model.ts";

/** A catalogue with what is looked up in it again and again. */
export interface Definitions {
  readonly catalogue: Catalogue;
  readonly graph: ScienceGraph;
  /** By image-version, sorted. */
  readonly finals: ReadonlyMap<string, ScienceLayer>;
  /** Adopted orphans that still are orphans, by image-version. */
  readonly adopted: ReadonlyMap<string, AdoptedImage>;
  readonly stacks: Stacks;
}

export function definitionsOf(catalogue: Catalogue): Definitions {
  const graph = scienceGraph(catalogue.science);
  const finals = [...finalLayers(graph)].flatMap(([key, [layer]]) => (layer ? [[key, layer] as const] : []));
  return {
    catalogue,
    graph,
    finals: new Map(finals.sort(([a], [b]) => (a < b ? -1 : 1))),
    adopted: activeAdoptions(catalogue),
    stacks: stacksOf(catalogue),
  };
}

export const scienceDefinition = (layer: ScienceLayer, today: TodaysInputs): Definition => ({
  name: `science layer ${layerKey(layer)}`,
  inputs: today.science.get(layerKey(layer)),
  directories: [layer.directory],
});

export const compatDefinition = (compat: string, stacks: Stacks, today: TodaysInputs): Definition => ({
  name: `the interface ${compat}`,
  inputs: today.compat.get(compat),
  directories: stacks(compat).map(({ directory }) => directory),
  layers: stacks(compat).map(({ name }) => name),
});

/** References of stable tags. */
export const relReference = ({ settings }: Catalogue, layer: Pick<ScienceLayer, "image" | "version">) =>
  `${settings.repo}/${releaseName(layer)}`;

export const sciReference = ({ settings }: Catalogue, layer: Pick<ScienceLayer, "target" | "version">) =>
  `${settings.repo}/${scienceName(layer)}`;
