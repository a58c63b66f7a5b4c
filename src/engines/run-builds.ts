import type { ImageBuild } from "../compose/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { ResolvedBases } from "./bases.ts";
import type { Logs } from "./logs.ts";
import type { BuiltImage, Engine, Task } from "./model.ts";
import { runOne } from "./run-one.ts";

export interface RunOptions {
  readonly root: string;
  readonly bases: Pick<ResolvedBases, "pinOf">;
  readonly engineFor: (build: ImageBuild) => Engine;
  /** Builds at a time, of engines that do not say how many they take. */
  readonly jobs: number;
  /** Seconds since the epoch: the time of every image of the run. */
  readonly created: number;
  readonly noCache: boolean;
  readonly network?: string;
  readonly logs: Logs;
  readonly signal: AbortSignal;
  /** True where images go to a layout, which no engine pulls from: a parent just built is then used from the engine's store. */
  readonly parentsAreLocal?: boolean;
  readonly events?: RunEvents;
  /** Images that are there already, by build id: such a build is not run, and what depends on it gets this. */
  readonly present?: ReadonlyMap<string, BuiltImage>;
  /** Takes each image when it is built and tested, before what depends on it begins; returns what it knows more. */
  readonly publish?: (image: BuiltImage, build: ImageBuild, engine: Engine, task: Task) => Promise<BuiltImage>;
}

/** What happens while builds run. */
export interface RunEvents {
  started?(id: string): void;
  /** A line that the engine said. */
  said?(id: string, line: string): void;
  finished?(result: BuildResult): void;
}

/** `present`: it was there already. `skipped`: a build it depends on failed. `stopped`: the run was interrupted. */
export type BuildResult = { readonly id: string } & (
  | { readonly outcome: "done"; readonly image: BuiltImage; readonly seconds: number; readonly log: string }
  | { readonly outcome: "present"; readonly image: BuiltImage }
  | {
      readonly outcome: "failed";
      readonly problems: readonly Diagnostic[];
      readonly seconds: number;
      readonly log: string;
    }
  | { readonly outcome: "skipped"; readonly because: string }
  | { readonly outcome: "stopped" }
);

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
const isWanted = ({ id, kind }: ImageBuild, builds: readonly ImageBuild[], present: RunOptions["present"]): boolean =>
  kind !== "payload" || builds.some((each) => each.dependsOn.includes(id) && !present?.has(each.id));

/** Decides about builds that will not run. Parents come first, so that one pass also finds what hangs on such a build. */
function settle(
  waiting: Set<ImageBuild>,
  results: ReadonlyMap<string, BuildResult>,
  { present, signal }: RunOptions,
  finish: (result: BuildResult) => void,
): void {
  for (const build of waiting) {
    const result = withoutRunning(build, results, present, signal);
    if (!result) continue;
    waiting.delete(build);
    finish(result);
  }
}

function withoutRunning(
  { id, dependsOn }: ImageBuild,
  results: ReadonlyMap<string, BuildResult>,
  present: RunOptions["present"],
  signal: AbortSignal,
): BuildResult | undefined {
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

export const imageIn = (result: BuildResult | undefined): BuiltImage | undefined =>
  result && "image" in result ? result.image : undefined;
