import { imageVersion, interfacedLayers, type ScienceGraph, scienceGraph } from "../catalogue/graph.ts";
import type { AdoptedImage, Catalogue, InterfacedLayer, ScienceLayer } from "../catalogue/model.ts";
import { foldersOf } from "../catalogue/read-folders.ts";
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
  /** Those that users get, by image-version, sorted. */
  readonly finals: ReadonlyMap<string, InterfacedLayer>;
  /** Adopted orphans that still are orphans, by image-version. */
  readonly adopted: ReadonlyMap<string, AdoptedImage>;
  readonly stacks: Stacks;
}

export function definitionsOf(catalogue: Catalogue): Definitions {
  const graph = scienceGraph(catalogue.science);
  return {
    catalogue,
    graph,
    finals: new Map(interfacedLayers(graph).map((layer) => [imageVersion(layer), layer])),
    adopted: activeAdoptions(catalogue),
    stacks: stacksOf(catalogue),
  };
}

export const scienceDefinition = (layer: ScienceLayer, today: TodaysInputs): Definition => ({
  name: `science layer ${layerKey(layer)}`,
  inputs: today.science.get(layerKey(layer)),
  directories: foldersOf(layer),
});

export const compatDefinition = (compat: string, stacks: Stacks, today: TodaysInputs): Definition => ({
  name: `the interface ${compat}`,
  inputs: today.compat.get(compat),
  directories: stacks(compat).flatMap(foldersOf),
  layers: stacks(compat).map(({ name }) => name),
});

/** References of stable tags. */
export const relReference = ({ settings }: Catalogue, layer: Pick<ScienceLayer, "image" | "version">) =>
  `${settings.repo}/${releaseName(layer)}`;

export const sciReference = ({ settings }: Catalogue, layer: Pick<ScienceLayer, "target" | "version">) =>
  `${settings.repo}/${scienceName(layer)}`;
