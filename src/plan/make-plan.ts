import { finalLayers, imageVersion, inOrder, interfacedLayers, scienceGraph } from "../catalogue/graph.ts";
import type { Catalogue, InterfacedLayer, ScienceLayer } from "../catalogue/model.ts";
import type { ChangeSet } from "../changes/model.ts";
import { compatId, layerKey, scienceId } from "../naming/build-id.ts";
import { releasePath, sciencePath } from "../naming/layer-name.ts";
import { adoptedBuilds } from "./adopted.ts";
import { changedLayers } from "./changed.ts";
import { compatEdges, compatReasons } from "./compat.ts";
import type { CompatBuild, Plan, PlannedBuild, Reason, ScienceBuild } from "./model.ts";
import { orphans } from "./orphans.ts";
import type { Changed } from "./planning.ts";
import { type Planning, type PlanOptions, stampOf, tagPair, tagsWithFurther } from "./planning.ts";
import { replacedFiles } from "./replaced.ts";
import { droppedWarnings, selectLayers } from "./selection.ts";
import { stacksOf } from "./stacks.ts";
import { unbuiltParents } from "./unbuilt-parents.ts";

/**
 * Works out what must be built (B16–B20). A pure value: same catalogue, same changes, same options, same plan (B22).
 * Expects a catalogue without errors; throws `RefusedError` when `include` or `ignore` name no layer.
 */
export function makePlan(catalogue: Catalogue, changes: ChangeSet, options: PlanOptions = {}): Plan {
  const world: Planning = {
    catalogue,
    changes,
    graph: scienceGraph(catalogue.science),
    stacks: stacksOf(catalogue),
    selection: selectLayers(catalogue, options),
    options,
  };
  const changed = changedLayers(world);
  const science = scienceReasons(world, changed);
  const scienceBuilds = inOrder(world.graph).flatMap((key) => scienceBuild(world, key, science));
  const finalBuilds = interfacedLayers(world.graph).flatMap((layer) => compatBuild(world, layer, science, changed));
  const compatBuilds = [...finalBuilds, ...adoptedBuilds(world, changed, science)];
  const builds: PlannedBuild[] = [...scienceBuilds, ...compatBuilds.sort((a, b) => (a.id < b.id ? -1 : 1))];
  return {
    formatVersion: 1,
    repo: catalogue.settings.repo,
    commit: changes.head.commit,
    stamp: stampOf(world),
    dirty: changes.head.dirty,
    since: sinceOf(changes),
    ...ignoredIn(world),
    builds,
    warnings: [
      ...warningsOf(catalogue),
      ...changes.warnings,
      ...orphans(catalogue, changes),
      ...changed.warnings,
      ...droppedWarnings(world.selection, catalogue),
      ...unbuiltParents(world, builds),
    ],
    summary: { science: scienceBuilds.length, compat: compatBuilds.length },
  };
}

function sinceOf({ since }: ChangeSet): Plan["since"] {
  return since.kind === "git" ? { kind: since.kind, range: since.range, base: since.base } : { kind: since.kind };
}

const ignoredIn = ({ selection: { ignored } }: Planning): Pick<Plan, "ignored"> =>
  ignored.size === 0 ? {} : { ignored: [...ignored].sort() };

const warningsOf = ({ diagnostics }: Catalogue) => diagnostics.filter((each) => each.severity === "warning");

/** Reasons of every planned science layer, by key, found parents first (B18). */
function scienceReasons(world: Planning, changed: Changed): ReadonlyMap<string, readonly Reason[]> {
  const planned = new Map<string, readonly Reason[]>();
  for (const key of inOrder(world.graph)) {
    const layer = world.graph.layers.get(key) as ScienceLayer;
    if (world.selection.ignored.has(layer.directory)) continue;
    const parents = (world.graph.parents.get(key) ?? []).filter((each) => planned.has(each));
    const reasons = [
      ...(changed.science.get(key) ?? []),
      ...parents.map((parent): Reason => ({ kind: "parent-rebuilt", parent })),
    ];
    if (reasons.length > 0) planned.set(key, reasons);
  }
  return planned;
}

function scienceBuild(world: Planning, key: string, planned: ReadonlyMap<string, readonly Reason[]>): ScienceBuild[] {
  const { graph, catalogue } = world;
  const reasons = planned.get(key);
  if (reasons === undefined) return [];
  const layer = graph.layers.get(key) as ScienceLayer;
  const { directory, target, image, version } = layer;
  const dependsOn = (graph.parents.get(key) ?? []).filter((each) => planned.has(each)).map(scienceId);
  const repository = `${catalogue.settings.repo}/${sciencePath(target)}`;
  const hasNoInterface = layer.compat === undefined && finalLayers(graph).get(imageVersion(layer))?.[0] === layer;
  const tags = hasNoInterface ? tagsWithFurther(repository, layer, world) : tagPair(repository, version, world);
  return [{ id: scienceId(key), kind: "science", directory, target, image, version, tags, dependsOn, reasons }];
}

function compatBuild(
  world: Planning,
  layer: InterfacedLayer,
  planned: ReadonlyMap<string, readonly Reason[]>,
  changed: Changed,
): CompatBuild[] {
  const reasons = compatReasons(world, layer, planned, changed);
  if (reasons.length === 0) return [];
  const { image, version } = layer;
  const science = layerKey(layer);
  const stack = world.stacks(layer.compat);
  const dependsOn = compatEdges(stack, science, planned);
  const tags = tagsWithFurther(`${world.catalogue.settings.repo}/${releasePath(image)}`, layer, world);
  const layers = stack.map((each) => each.name);
  return [
    {
      id: compatId(layer),
      kind: "compat",
      image,
      version,
      science,
      layers,
      tags,
      dependsOn,
      reasons,
      replaced: replacedFiles(stack, world.changes),
    },
  ];
}
