import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { locate } from "../diagnostics/text.ts";
import { layerKey } from "../naming/build-id.ts";
import { scienceName } from "../naming/layer-name.ts";
import { parseUniqueTag } from "../naming/unique-tag.ts";
import { locateKey } from "./check-compat.ts";
import { checkTags } from "./check-tags.ts";
import { finalLayers, inOrder, type ScienceGraph, scienceGraph } from "./graph.ts";
import type { Base, ScienceLayer } from "./model.ts";
import { compareVersions } from "./versions.ts";

/**
 * What is wrong between science layers (B7), for all of them at once. `isWhole`: whether all layers are among them; what one that is
 * missing may set right is not told.
 */
export function checkGraph(science: readonly ScienceLayer[], { isWhole }: { readonly isWhole: boolean }): Diagnostic[] {
  const graph = scienceGraph(science);
  const cycles = dependencyCycles(graph);
  const rest =
    cycles.length > 0 || !isWhole
      ? []
      : [...finalImages(graph), ...higherVersions(graph), ...targetsTwice(graph), ...checkTags(graph)];
  return [...duplicateTargets(science), ...cycles, ...rest, ...sharedTags(science)];
}

function duplicateTargets(science: readonly ScienceLayer[]): Diagnostic[] {
  const first = new Map<string, ScienceLayer>();
  return science.flatMap((layer) => {
    const other = first.get(layer.target);
    if (other === undefined) first.set(layer.target, layer);
    if (other === undefined || other.directory === layer.directory) return [];
    const message = `the target "${layer.target}" is taken by ${other.directory}; a target is unique in the catalogue`;
    return [
      error("duplicate-target", message, {
        ...locateKey(layer, "target"),
        notes: [definedAt(other, "target")],
        help: 'give one of them a "target" of its own',
      }),
    ];
  });
}

const definedAt = (layer: ScienceLayer, key: string) => ({
  message: `${layer.directory} says so here`,
  at: locateKey(layer, key).at,
});

/** Kahn's walk from the parents down: what it never reaches is in a cycle or behind one. */
function dependencyCycles(graph: ScienceGraph): Diagnostic[] {
  const waiting = new Map([...graph.parents].map(([target, parents]) => [target, parents.length]));
  const free = [...waiting].filter(([, count]) => count === 0).map(([target]) => target);
  for (let target = free.pop(); target !== undefined; target = free.pop()) {
    waiting.delete(target);
    for (const dependent of graph.dependents.get(target) ?? []) {
      const left = (waiting.get(dependent) ?? 0) - 1;
      waiting.set(dependent, left);
      if (left === 0) free.push(dependent);
    }
  }
  return waiting.size === 0 ? [] : cyclesAmong(graph, new Set(waiting.keys()));
}

function cyclesAmong(graph: ScienceGraph, stuck: ReadonlySet<string>): Diagnostic[] {
  const told = new Set<string>();
  return [...stuck].sort().flatMap((start) => {
    const path: string[] = [];
    let target: string | undefined = start;
    while (target !== undefined && !told.has(target)) {
      told.add(target);
      path.push(target);
      target = graph.parents.get(target)?.find((each) => stuck.has(each));
    }
    const from = target === undefined ? -1 : path.indexOf(target);
    return from === -1 ? [] : [cycle([...path.slice(from), target as string], graph)];
  });
}

function cycle(path: readonly string[], graph: ScienceGraph): Diagnostic {
  const [target = "", parent = ""] = path;
  const layer = graph.layers.get(target) as ScienceLayer;
  const base = baseOn(layer, parent);
  const message = `science layers are built on each other in a circle: ${path.join(" → ")}`;
  return error("dependency-cycle", message, {
    ...locateBase(layer, base),
    help: "let one of them start from an image outside the circle",
  });
}

/** `parent`: a key. */
const baseOn = (layer: ScienceLayer, parent: string): Base | undefined =>
  layer.bases.find(({ source }) => source.kind === "parent" && layerKey(source) === parent);

const locateBase = (layer: ScienceLayer, base: Base | undefined) =>
  locate(layer.dockerfile.path, layer.dockerfile.text, base?.range ?? { start: 0, end: 1 });

function finalImages(graph: ScienceGraph): Diagnostic[] {
  return [...finalLayers(graph)].flatMap(([key, [first, ...others]]) => {
    if (first === undefined || others.length === 0) return [];
    const notes = others.map((each) => ({
      message: `${each.directory} is another final image of ${key}`,
      at: locateKey(each, "image").at,
    }));
    const message = `${key.replace(":", " ")} has ${others.length + 1} final images: ${[first, ...others].map((each) => each.target).join(", ")}; exactly one is expected`;
    const help = `build one on the other with FROM sci/${first.target}:${first.version}, or give one another version`;
    return [error("two-final-images", message, { ...locateKey(first, "image"), notes, help })];
  });
}

/** A layer built, directly or through others, on a higher version of its own image; the nearest such ancestor is told. */
function higherVersions(graph: ScienceGraph): Diagnostic[] {
  const several = imagesWithVersions(graph);
  if (several.size === 0) return [];
  const nearest = new Map<string, Ancestors>();
  return inOrder(graph).flatMap((target) => {
    const layer = graph.layers.get(target) as ScienceLayer;
    const below = startOf(layer);
    const inherited = (below === undefined ? undefined : nearest.get(below)) ?? noAncestors;
    const ancestor = inherited.get(layer.image);
    nearest.set(target, several.has(layer.image) ? new Map([...inherited, [layer.image, layer]]) : inherited);
    return ancestor && compareVersions(ancestor.version, layer.version) > 0 ? [higher(layer, ancestor)] : [];
  });
}

/** Key of the layer that the image starts from; files that are copied from others bring no version. */
function startOf({ bases }: ScienceLayer): string | undefined {
  const start = bases.find(({ final }) => final)?.source;
  return start?.kind === "parent" ? layerKey(start) : undefined;
}

/** The nearest ancestor of each image that has several versions. */
type Ancestors = ReadonlyMap<string, ScienceLayer>;

const noAncestors: Ancestors = new Map();

/** Only these can be built on a version of themselves; the others are not carried along. */
function imagesWithVersions(graph: ScienceGraph): Set<string> {
  const versions = new Map<string, string>();
  const layers = [...graph.layers.values()];
  for (const { image, version } of layers) if (!versions.has(image)) versions.set(image, version);
  return new Set(layers.filter(({ image, version }) => versions.get(image) !== version).map(({ image }) => image));
}

function higher(layer: ScienceLayer, ancestor: ScienceLayer): Diagnostic {
  const direct = baseOn(layer, layerKey(ancestor));
  const message = `${layer.image} ${layer.version} is built on the higher version ${ancestor.version} of the same image`;
  const notes = [
    { message: `${ancestor.directory} is version ${ancestor.version}`, at: locateKey(ancestor, "version").at },
  ];
  const at = direct ? locateBase(layer, direct) : locateKey(layer, "version");
  return error("lower-version", message, {
    ...at,
    notes,
    help: `raise "version" above ${ancestor.version}, or start from an older layer`,
  });
}

/** Two variants of one directory in the chain of FROM: the labels of the one would be lost below those of the other (B48). */
function targetsTwice(graph: ScienceGraph): Diagnostic[] {
  return [...graph.layers.values()].flatMap((layer) => {
    if (layer.variant === undefined) return [];
    const below = startsBelow(layer, graph).find(({ target }) => target === layer.target);
    return below === undefined ? [] : [twice(layer, below)];
  });
}

/** What a layer starts from, what that starts from, and so on. */
function startsBelow(layer: ScienceLayer, graph: ScienceGraph): ScienceLayer[] {
  const found: ScienceLayer[] = [];
  for (let key = startOf(layer); key !== undefined; ) {
    const next = graph.layers.get(key);
    if (next !== undefined) found.push(next);
    key = next && startOf(next);
  }
  return found;
}

function twice(layer: ScienceLayer, below: ScienceLayer): Diagnostic {
  const message = `${scienceName(layer)} is built on ${scienceName(below)}: no image has two versions of one target in it`;
  const direct = baseOn(layer, layerKey(below));
  const base = direct ?? layer.bases.find(({ final }) => final);
  return error("target-twice", message, {
    ...locateBase(layer, base),
    notes: [{ message: `${below.version} is this variant`, at: locateKey(below, "version").at }],
    help: "let the variants start from an image outside of their directory, or give one of them a directory of its own",
  });
}

/** A version that reads like the unique tag of another image-version would move what never moves. */
function sharedTags(science: readonly ScienceLayer[]): Diagnostic[] {
  return science.flatMap((layer) => {
    const unique = parseUniqueTag(layer.version);
    if (unique === undefined) return [];
    const other = science.find(
      (each) => each.version === unique.version && (each.image === layer.image || each.target === layer.target),
    );
    const notes =
      other === undefined
        ? []
        : [{ message: `builds of ${other.directory} write such tags`, at: locateKey(other, "version").at }];
    const message = `the version "${layer.version}" has the form of a unique tag, {version}-{number}-{commit}, and could be written twice`;
    return [
      error("same-tag", message, {
        ...locateKey(layer, "version"),
        notes,
        help: "choose a version that does not end in a number and a hash",
      }),
    ];
  });
}
