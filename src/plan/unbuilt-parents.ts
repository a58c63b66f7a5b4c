import type { ScienceLayer } from "../catalogue/model.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { keyOfScience, layerKey, scienceId } from "../naming/build-id.ts";
import { scienceName } from "../naming/layer-name.ts";
import { copiedLayers } from "./compat.ts";
import type { PlannedBuild } from "./model.ts";
import type { Planning } from "./planning.ts";
import { whyUnreached } from "./reach.ts";
import { changesOf } from "./variants.ts";

/**
 * Says which images are taken as they were published although they have changed since: `--include` and `--ignore` leave their
 * builds out (B16), and what is planned is built on the old ones.
 */
export function unbuiltParents(world: Planning, builds: readonly PlannedBuild[]): Diagnostic[] {
  const { included, ignored } = world.selection;
  if (included === undefined && ignored.size === 0) return [];
  const planned = new Set(builds.map(({ id }) => id));
  const users = new Map<string, string[]>();
  for (const build of builds) {
    for (const parent of parentsOf(world, build)) {
      if (!planned.has(scienceId(parent))) users.set(parent, [...(users.get(parent) ?? []), build.id]);
    }
  }
  return [...users].flatMap(([key, ids]) => {
    const changed = changedBelow(world, key, planned);
    return changed === undefined ? [] : [unbuilt(world, key, changed, ids)];
  });
}

function parentsOf({ graph, stacks, catalogue }: Planning, build: PlannedBuild): readonly string[] {
  if (build.kind === "science") return graph.parents.get(keyOfScience(build.id)) ?? [];
  const layers = new Set(build.layers);
  const below = build.fixed === undefined ? [build.science] : [];
  const top = catalogue.compat.find(({ name }) => name === build.layers.at(-1));
  const stack = top === undefined ? [] : stacks(top.name).filter(({ name }) => layers.has(name));
  return [...new Set([...below, ...copiedLayers(stack)])];
}

/** The layer itself or the nearest one below it that changed; what is planned is built anew and counts for nothing here. */
function changedBelow(
  { graph, ...world }: Planning,
  start: string,
  planned: ReadonlySet<string>,
): ScienceLayer | undefined {
  const seen = new Set([start]);
  for (const key of seen) {
    const layer = graph.layers.get(key);
    if (layer === undefined || planned.has(scienceId(key))) continue;
    if (isChanged(world, layer)) return layer;
    for (const parent of graph.parents.get(key) ?? []) seen.add(parent);
  }
  return undefined;
}

function isChanged({ catalogue, changes, options }: Omit<Planning, "graph">, layer: ScienceLayer): boolean {
  if (options.notPublished?.has(scienceId(layerKey(layer)))) return true;
  const { directory } = layer;
  const files = changesOf(
    layer,
    changes.files.filter(({ path }) => path === directory || path.startsWith(`${directory}/`)),
  );
  if (files.length === 0) return false;
  return !(options.meaningful === true && whyUnreached(layer, files, { catalogue, changes }) !== undefined);
}

function unbuilt({ graph, changes, selection }: Planning, key: string, changed: ScienceLayer, ids: readonly string[]) {
  const layer = graph.layers.get(key) ?? changed;
  const range = changes.since.kind === "git" ? changes.since.range : "the working tree";
  const where = changes.since.kind === "published" ? "is not published as it is defined now" : `changed in ${range}`;
  const message = `${ids.join(", ")} ${ids.length === 1 ? "is" : "are"} built on ${scienceName(layer)} as it was published, although ${changed.directory} ${where}`;
  return warning("unbuilt-parent", message, {
    at: { file: layer.dockerfile.path, line: 1, column: 1 },
    help: selection.ignored.has(changed.directory)
      ? `leave --ignore ${changed.directory} out to build it too`
      : `--include ${changed.directory} builds it too, and what depends on it`,
  });
}
