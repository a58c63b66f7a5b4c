import type { ScienceLayer } from "./model.ts";

/** The edges between science layers, by target. Built once from a catalogue and asked by checks and plans. */
export interface ScienceGraph {
  readonly layers: ReadonlyMap<string, ScienceLayer>;
  /** Targets of the direct parents, sorted, each once. */
  readonly parents: ReadonlyMap<string, readonly string[]>;
  /** Targets of the direct dependents, sorted. */
  readonly dependents: ReadonlyMap<string, readonly string[]>;
}

/** The graph of these layers; for the same list the same graph, since checks and plans ask for it in turn. */
export const scienceGraph: (science: readonly ScienceLayer[]) => ScienceGraph = remembered(makeGraph);

function makeGraph(science: readonly ScienceLayer[]): ScienceGraph {
  const layers = new Map<string, ScienceLayer>();
  for (const layer of science) if (!layers.has(layer.target)) layers.set(layer.target, layer);
  const parents = new Map([...layers].map(([target, layer]) => [target, parentsOf(layer, layers)]));
  const dependents = new Map<string, string[]>();
  for (const target of [...layers.keys()].sort()) {
    for (const parent of parents.get(target) ?? []) {
      const known = dependents.get(parent);
      if (known) known.push(target);
      else dependents.set(parent, [target]);
    }
  }
  return { layers, parents, dependents };
}

const parentsOf = (layer: ScienceLayer, layers: ReadonlyMap<string, unknown>): string[] =>
  [...new Set(layer.bases.flatMap(({ source }) => (source.kind === "parent" ? [source.target] : [])))]
    .filter((each) => layers.has(each))
    .sort();

/**
 * Every layer once, parents first, in an order that depends on names alone (B18). Layers of a cycle come where the
 * walk meets them; `checkGraph` refuses such a catalogue.
 */
export const inOrder: (graph: ScienceGraph) => readonly string[] = remembered(findOrder);

function findOrder(graph: ScienceGraph): readonly string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  for (const target of [...graph.layers.keys()].sort()) visit(target, graph, seen, order);
  return order;
}

/** With a stack of its own: chains may be longer than the language's. */
function visit(start: string, graph: ScienceGraph, seen: Set<string>, order: string[]): void {
  if (seen.has(start)) return;
  seen.add(start);
  const path = [{ target: start, next: 0 }];
  for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
    const parent = graph.parents.get(top.target)?.[top.next++];
    if (parent === undefined) {
      order.push(top.target);
      path.pop();
    } else if (!seen.has(parent)) {
      seen.add(parent);
      path.push({ target: parent, next: 0 });
    }
  }
}

/** Final images by image-version: every layer that no other of its image-version is built on, sorted by target. */
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

export const imageVersion = ({ image, version }: Pick<ScienceLayer, "image" | "version">): string =>
  `${image}:${version}`;

function finals(group: readonly ScienceLayer[], graph: ScienceGraph): ScienceLayer[] {
  const below = new Set<string>();
  const waiting = group.flatMap((each) => graph.parents.get(each.target) ?? []);
  for (let target = waiting.pop(); target !== undefined; target = waiting.pop()) {
    if (below.has(target)) continue;
    below.add(target);
    waiting.push(...(graph.parents.get(target) ?? []));
  }
  return group.filter((each) => !below.has(each.target)).sort((a, b) => (a.target < b.target ? -1 : 1));
}

function remembered<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const known = new WeakMap<K, V>();
  return (key) => {
    const value = known.get(key) ?? make(key);
    known.set(key, value);
    return value;
  };
}
