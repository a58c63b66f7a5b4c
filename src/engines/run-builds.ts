import type { ImageBuild } from "../compose/model.ts";
import type { BuiltImage, Engine } from "./model.ts";
import { type BuildResult, imageIn, type RunOptions } from "./run-model.ts";
import { runOne } from "./run-one.ts";

/**
 * Runs builds as soon as those they depend on are done (B28). A failure stops only what depends on it and is part of the
 * result, which has the order of `builds`. When the signal is aborted, what runs is stopped and nothing more is begun.
 */
export async function runBuilds(builds: readonly ImageBuild[], options: RunOptions): Promise<BuildResult[]> {
  const results = new Map<string, BuildResult>();
  const finish = (result: BuildResult): void => {
    results.set(result.id, result);
    options.events?.finished?.(result);
  };
  const waiting = new Set(builds.filter((build) => isWanted(build, builds, options.present)));
  const running = new Map<Promise<void>, Engine>();
  for (;;) {
    settle(waiting, results, options, finish);
    for (const build of readyBuilds(waiting, results)) {
      const engine = options.engineFor(build);
      if (isBusy(engine, [...running.values()], options.jobs)) continue;
      waiting.delete(build);
      const run = runOne(build, imagesOf(results), options)
        .then(finish)
        .finally(() => running.delete(run));
      running.set(run, engine);
    }
    if (running.size === 0) break;
    await Promise.race(running.keys());
  }
  return builds.flatMap(({ id }) => results.get(id) ?? []);
}

/** A payload is for others to copy from: it is left out when all of them are there already. */
export const isWanted = (
  { id, kind }: ImageBuild,
  builds: readonly ImageBuild[],
  present: RunOptions["present"],
): boolean => kind !== "payload" || builds.some((each) => each.dependsOn.includes(id) && !present?.has(each.id));

/** Decides about builds that will not run. Parents come first, so that one pass also finds what hangs on such a build. */
function settle(
  waiting: Set<ImageBuild>,
  results: ReadonlyMap<string, BuildResult>,
  options: RunOptions,
  finish: (result: BuildResult) => void,
): void {
  for (const build of waiting) {
    const result = withoutRunning(build, results, options);
    if (!result) continue;
    waiting.delete(build);
    finish(result);
  }
}

function withoutRunning(
  { id, dependsOn }: ImageBuild,
  results: ReadonlyMap<string, BuildResult>,
  { present, refused, signal }: RunOptions,
): BuildResult | undefined {
  const problems = refused?.get(id);
  if (problems) return { id, outcome: "failed", problems, seconds: 0, log: "" };
  const image = present?.get(id);
  if (image) return { id, outcome: "present", image };
  if (signal.aborted) return { id, outcome: "stopped" };
  const because = dependsOn.find((each) => ["failed", "skipped"].includes(results.get(each)?.outcome ?? ""));
  return because === undefined ? undefined : { id, outcome: "skipped", because };
}

/** An engine with a bound of its own has its builds counted apart from those of `--jobs`. */
function isBusy(engine: Engine, running: readonly Engine[], jobs: number): boolean {
  const counted = running.filter((each) =>
    engine.parallel === undefined ? each.parallel === undefined : each === engine,
  );
  return counted.length >= (engine.parallel ?? jobs);
}

const readyBuilds = (waiting: ReadonlySet<ImageBuild>, results: ReadonlyMap<string, BuildResult>): ImageBuild[] =>
  [...waiting].filter(({ dependsOn }) => dependsOn.every((each) => imageIn(results.get(each))));

const imagesOf = (results: ReadonlyMap<string, BuildResult>): Map<string, BuiltImage> =>
  new Map([...results].flatMap(([id, result]) => (imageIn(result) ? [[id, imageIn(result) as BuiltImage]] : [])));
