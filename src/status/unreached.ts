import { layerBuilt } from "../catalogue/graph.ts";
import { mayListVariants, recipeNames } from "../catalogue/list.ts";
import type { ScienceLayer } from "../catalogue/model.ts";
import { foldersOf } from "../catalogue/read-folders.ts";
import type { ChangeSet } from "../changes/model.ts";
import { scienceDefinition } from "../judge/definitions.ts";
import { judgeCrumb } from "../judge/judge.ts";
import type { GitFacts } from "../judge/model.ts";
import { objectKey } from "../judge/model.ts";
import type { Evidence } from "../judge/not-published.ts";
import { layerKey } from "../naming/build-id.ts";
import { whyUnreached } from "../plan/reach.ts";
import { changesOf } from "../plan/variants.ts";
import { askGit } from "./git-facts.ts";
import { changedFiles } from "./tree-differences.ts";

/**
 * With `meaningful` a published science image is kept where no change since its commit can reach it (B13): such directories
 * count as the same. Asks git only when there is a layer that seems to be out of date.
 */
export async function withUnreached<E extends Evidence>(evidence: E, changes: ChangeSet): Promise<E> {
  const { catalogue } = evidence.definitions;
  const submodules = new Set(changes.committed.flatMap(({ kind, path }) => (kind === "submodule" ? [path] : [])));
  const found = catalogue.settings.meaningful ? doubtfulBuilds(evidence) : [];
  const doubtful = found.filter(({ layer }) => !foldersOf(layer).some((each) => submodules.has(each)));
  if (doubtful.length === 0) return evidence;
  const directories = doubtful.flatMap(({ commit, layer }) =>
    foldersOf(layer).flatMap((directory) => [
      { commit, directory },
      { commit: "HEAD", directory },
    ]),
  );
  const { objects } = await askGit(catalogue, changes, { commits: [], directories });
  const unreached = await unreachedKeys(evidence, changes, doubtful, objects);
  return { ...evidence, git: { ...evidence.git, unreached } };
}

interface Doubtful {
  readonly commit: string;
  readonly layer: ScienceLayer;
}

/** Builds of layers that are not of today's definition although nothing uncommitted explains it, each once. */
function doubtfulBuilds({ definitions, published, today, git }: Evidence): Doubtful[] {
  const found = new Map<string, Doubtful>();
  for (const reading of [...published.rel.values(), ...published.sci.values()]) {
    for (const crumb of reading.kind === "image" ? reading.image.crumbs.science : []) {
      const layer = layerBuilt(definitions.graph, { target: crumb.name, version: crumb.stamp.version });
      if (layer === undefined || foldersOf(layer).some((each) => git.dirty.has(each))) continue;
      if (judgeCrumb(crumb, scienceDefinition(layer, today), git).verdict !== "different") continue;
      found.set(objectKey(crumb.stamp.commit, layerKey(layer)), { commit: crumb.stamp.commit, layer });
    }
  }
  return [...found.values()];
}

async function unreachedKeys(
  { definitions: { catalogue }, today }: Evidence,
  changes: ChangeSet,
  doubtful: readonly Doubtful[],
  objects: GitFacts["objects"],
): Promise<ReadonlySet<string>> {
  const known = doubtful.flatMap(({ commit, layer }) => {
    const pairs = foldersOf(layer).flatMap((directory) => {
      const [from, to] = [commit, "HEAD"].map((each) => objects.get(objectKey(each, directory)));
      return from && to ? [{ directory, from, to }] : [];
    });
    return pairs.length === foldersOf(layer).length ? [{ commit, layer, pairs }] : [];
  });
  const pairs = known.flatMap((each) => each.pairs);
  const found = await changedFiles(catalogue.root, pairs, (path) => recipeNames.has(path) || mayListVariants(path));
  const files = new Map(pairs.map((pair, at) => [pair, found[at] ?? []]));
  const kept = known.filter(({ layer, pairs: own }) => {
    const below = own.flatMap((pair) =>
      (files.get(pair) ?? []).map((each) => ({ ...each, path: `${pair.directory}/${each.path}` })),
    );
    return whyUnreached(layer, changesOf(layer, below), { catalogue, changes }) !== undefined;
  });
  return new Set(kept.map(({ commit, layer }) => objectKey(commit, scienceDefinition(layer, today).name)));
}
