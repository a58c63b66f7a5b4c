import { layerKey } from "../naming/build-id.ts";
import type { InterfacedLayer, ScienceLayer } from "./model.ts";

/** The edges between science layers, by key (`layerKey`). Built once from a catalogue and asked by checks and plans. */
export interface ScienceGraph {
  readonly layers: ReadonlyMap<string, ScienceLayer>;
  /** Keys of the direct parents, sorted, each once. */
  readonly parents: ReadonlyMap<string, readonly string[]>;
  /** Keys of the direct dependents, sorted. */
  readonly dependents: ReadonlyMap<string, readonly string[]>;
}

/** The graph of these layers; for the same list the same graph, since checks and plans ask for it in turn. */
export const scienceGraph: (science: readonly ScienceLayer[]) => ScienceGraph = remembered(makeGraph);

function makeGraph(science: readonly ScienceLayer[]): ScienceGraph {
  const layers = new Map<string, ScienceLayer>();
  for (const layer of science) {
    const key = layerKey(layer);
    if (!layers.has(key)) layers.set(key, layer);
  }
  const parents = new Map([...layers].map(([key, layer]) => [key, parentsOf(layer, layers)]));
  const dependents = new Map<string, string[]>();
  for (const key of [...layers.keys()].sort()) {
    for (const parent of parents.get(key) ?? []) {
      const known = dependents.get(parent);
      if (known) known.push(key);
      else dependents.set(parent, [key]);
    }
  }
  return { layers, parents, dependents };
}

const parentsOf = (layer: ScienceLayer, layers: ReadonlyMap<string, unknown>): string[] =>
  [...new Set(layer.bases.flatMap(({ source }) => (source.kind === "parent" ? [layerKey(source)] : [])))]
    .filter((each) => layers.has(each))
    .sort();

/** The layer of a build by what its labels say; only between variants of a directory does the version matter. */
export const layerBuilt = (
  { layers }: ScienceGraph,
  { target, version }: Pick<ScienceLayer, "target" | "version">,
): ScienceLayer | undefined => layers.get(target) ?? layers.get(layerKey({ target, version, variant: true }));

/**
 * Every layer once, parents first, in an order that depends on names alone (B18). Layers of a cycle come where the
 * walk meets them; `checkGraph` refuses such a catalogue.
 */
export const inOrder: (graph: ScienceGraph) => readonly string[] = remembered(findOrder);

function findOrder(graph: ScienceGraph): readonly string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  for (const key of [...graph.layers.keys()].sort()) visit(key, graph, seen, order);
  return order;
}

/** With a stack of its own: chains may be longer than the language's. */
function visit(start: string, graph: ScienceGraph, seen: Set<string>, order: string[]): void {
  if (seen.has(start)) return;
  seen.add(start);
  const path = [{ key: start, next: 0 }];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const parent = graph.parents.get(top.key)?.[top.next++];
    if (parent === undefined) {
      order.push(top.key);
      path.pop();
    } else if (!seen.has(parent)) {
      seen.add(parent);
      path.push({ key: parent, next: 0 });
    }
  }
}

/** Final images by image-version: every layer that no other of its image-version is built on, sorted by key. */
export const finalLayers: (graph: ScienceGraph) => ReadonlyMap<string, readonly ScienceLayer[]> =
  remembered(findFinals);

function findFinals(graph: ScienceGraph): ReadonlyMap<string, readonly ScienceLayer[]> {
  const groups = new Map<string, ScienceLayer[]>();
  for (const layer of graph.layers.values()) {
    const key = imageVersion(layer);
    const group = groups.get(key);
    if (group) group.push(layer);
    else groups.set(key, [layer]);
  }
  return new Map([...groups].map(([key, group]) => [key, group.length === 1 ? group : finals(group, graph)]));
}

/** The final layers whose image-versions users get: `rel/` has them. Sorted by image-version. */
export const interfacedLayers: (graph: ScienceGraph) => readonly InterfacedLayer[] = remembered(findInterfaced);

function findInterfaced(graph: ScienceGraph): readonly InterfacedLayer[] {
  const finals = [...finalLayers(graph)].flatMap(([key, group]) => group.map((layer) => ({ key, layer })));
  return finals.sort((a, b) => (a.key < b.key ? -1 : 1)).flatMap(({ layer }) => (hasInterface(layer) ? [layer] : []));
}

const hasInterface = (layer: ScienceLayer): layer is InterfacedLayer => layer.compat !== undefined;

export const imageVersion = ({ image, version }: Pick<ScienceLayer, "image" | "version">): string =>
  `${image}:${version}`;

function finals(group: readonly ScienceLayer[], graph: ScienceGraph): ScienceLayer[] {
  const below = new Set<string>();
  const waiting = group.flatMap((each) => graph.parents.get(layerKey(each)) ?? []);
  for (let key = waiting.pop(); key !== undefined; key = waiting.pop()) {
    if (below.has(key)) continue;
    below.add(key);
    waiting.push(...(graph.parents.get(key) ?? []));
  }
  return group.filter((each) => !below.has(layerKey(each))).sort((a, b) => (layerKey(a) < layerKey(b) ? -1 : 1));
}

function remembered<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}
