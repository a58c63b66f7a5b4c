import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { Plan, PlannedBuild } from "./model.ts";

/** The ids of builds that a job was named. Throws `RefusedError` for what the plan does not have. */
export function cutOnly({ builds }: Plan, only: readonly string[]): Set<string> {
  const known = new Set(builds.map(({ id }) => id));
  const unknown = only.filter((id) => !known.has(id));
  if (unknown.length > 0) throw new RefusedError(unknown.map((id) => noSuchBuild(id, known)));
  return new Set(only);
}

/** One part of a plan out of several. */
export interface Shard {
  /** From 1 to `count`. */
  readonly number: number;
  readonly count: number;
}

/**
 * The ids of the builds that one of several jobs makes (B44): the same for the same plan, whoever asks. A build comes with what it
 * is built on, so that no job waits for another. Shards are of about the same length by the durations in the plan; what many builds
 * stand on is in each of their shards, and made by whoever comes to it first.
 */
export function cutShard(plan: Plan, { number, count }: Shard): Set<string> {
  const all = new Map(plan.builds.map((each) => [each.id, each]));
  const seconds = (id: string): number => durationOf(all.get(id) as PlannedBuild);
  const shards = Array.from({ length: count }, () => ({ ids: new Set<string>(), length: 0 }));
  const placed = new Set<string>();
  for (const chain of longestFirst(chainsOf(plan, all), seconds)) {
    const best = bestShard(shards, chain, placed, seconds);
    best.length += sum(missingIn(best.ids, chain), seconds);
    for (const id of chain) best.ids.add(id);
    for (const id of chain) placed.add(id);
  }
  return shards[number - 1]?.ids ?? new Set();
}

/** For each build that nothing else of the plan is built on: itself and all that it is built on. */
function chainsOf({ builds }: Plan, all: ReadonlyMap<string, PlannedBuild>): Set<string>[] {
  const parents = new Set(builds.flatMap(({ dependsOn }) => dependsOn));
  return builds.filter(({ id }) => !parents.has(id)).map(({ id }) => withParents(new Set([id]), all));
}

/** These builds and all that they are built on. */
export function withParents(
  ids: ReadonlySet<string>,
  all: ReadonlyMap<string, { readonly dependsOn: readonly string[] }>,
): Set<string> {
  const found = new Set<string>();
  const waiting = [...ids];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    waiting.push(...(all.get(id)?.dependsOn ?? []));
  }
  return found;
}

const sum = (ids: Iterable<string>, seconds: (id: string) => number): number =>
  [...ids].reduce((total, id) => total + seconds(id), 0);

/** Stable: of two that take as long, the first of the plan comes first. */
const longestFirst = (chains: readonly Set<string>[], seconds: (id: string) => number): Set<string>[] =>
  chains
    .map((chain) => ({ chain, length: sum(chain, seconds) }))
    .sort((a, b) => b.length - a.length)
    .map(({ chain }) => chain);

/** Where the chain makes the longest shard least longer; half of what would be built a second time is held against a shard. */
function bestShard<S extends { readonly ids: ReadonlySet<string>; readonly length: number }>(
  shards: readonly S[],
  chain: ReadonlySet<string>,
  placed: ReadonlySet<string>,
  seconds: (id: string) => number,
): S {
  const costs = shards.map(({ ids, length }) => {
    const added = missingIn(ids, chain);
    const twice = added.filter((id) => placed.has(id));
    return length + sum(added, seconds) + sum(twice, seconds) / 2;
  });
  return shards[costs.indexOf(Math.min(...costs))] as S;
}

const missingIn = (ids: ReadonlySet<string>, chain: ReadonlySet<string>): string[] =>
  [...chain].filter((id) => !ids.has(id));

/** Seconds, where nobody knows better: an interface is quickly put together, a science layer is compiled and fetched. */
const usual = { science: 60, compat: 5 } as const;

export const durationOf = ({ seconds, kind }: PlannedBuild): number => seconds ?? usual[kind];

const noSuchBuild = (id: string, known: ReadonlySet<string>): Diagnostic =>
  error("unknown-build", `the plan has no build ${JSON.stringify(id)}${didYouMean(id, known)}`, {
    help: "name the id of a build, as plan --format json has it: science/nist-basic, compat/nist-basic:1.0",
  });
