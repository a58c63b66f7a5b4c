import type { ImageBuild } from "../compose/model.ts";
import type { BuiltImage, Engine } from "./model.ts";
import { type BuildResult, imageIn, type RunOptions } from "./run-model.ts";
import { runOne } from "./run-one.ts";
import { createSchedule } from "./schedule.ts";

/**
 * Runs builds as soon as those they depend on are done (B28), of those that may begin the one with the longest way behind it first. A
 * failure stops only what depends on it and is part of the result, which has the order of `builds`. When the signal is aborted, what
 * runs is stopped and nothing more is begun.
 */
export async function runBuilds(builds: readonly ImageBuild[], options: RunOptions): Promise<BuildResult[]> {
  const wanted = builds.filter((build) => isWanted(build, builds, options.present));
  const progress = new Progress(wanted, options);
  const running = new Map<Promise<void>, Engine>();
  const hasRoom = (engine: Engine): boolean => !isBusy(engine, [...running.values()], options.jobs);
  progress.begin();
  for (;;) {
    if (options.signal.aborted) progress.stop();
    for (let next = progress.next(hasRoom); next !== undefined; next = progress.next(hasRoom)) {
      const run = runOne(next.build, progress.images, options)
        .then((result) => progress.finish(result))
        .finally(() => running.delete(run));
      running.set(run, next.engine);
    }
    if (running.size === 0) break;
    await Promise.race(running.keys());
  }
  return builds.flatMap(({ id }) => progress.results.get(id) ?? []);
}

/** A payload is for others to copy from: it is left out when all of them are there already. */
export const isWanted = (
  { id, kind }: ImageBuild,
  builds: readonly ImageBuild[],
  present: RunOptions["present"],
): boolean => kind !== "payload" || builds.some((each) => each.dependsOn.includes(id) && !present?.has(each.id));

/** An engine with a bound of its own has its builds counted apart from those of `--jobs`. */
function isBusy(engine: Engine, running: readonly Engine[], jobs: number): boolean {
  const counted = running.filter((each) =>
    engine.parallel === undefined ? each.parallel === undefined : each === engine,
  );
  return counted.length >= (engine.parallel ?? jobs);
}

/** What became of each build so far, and what that lets begin. */
class Progress {
  readonly results = new Map<string, BuildResult>();
  readonly images = new Map<string, BuiltImage>();
  readonly #builds: readonly ImageBuild[];
  readonly #options: RunOptions;
  readonly #schedule: ReturnType<typeof createSchedule>;
  readonly #dependents = new Map<string, ImageBuild[]>();
  /** Parents that are not done yet, by id. */
  readonly #open = new Map<string, number>();
  readonly #begun = new Set<string>();
  #isStopped = false;

  constructor(builds: readonly ImageBuild[], options: RunOptions) {
    this.#builds = builds;
    this.#options = options;
    this.#schedule = createSchedule(builds, (each) => options.seconds?.(each) ?? usual[each.kind], options.engineFor);
    for (const build of builds) {
      const parents = new Set(build.dependsOn);
      this.#open.set(build.id, parents.size);
      for (const parent of parents) {
        const known = this.#dependents.get(parent);
        if (known) known.push(build);
        else this.#dependents.set(parent, [build]);
      }
    }
  }

  /** Tells of what is not run at all, and finds what waits for nothing. */
  begin(): void {
    const { present, refused } = this.#options;
    for (const { id } of this.#builds) {
      const [problems, image] = [refused?.get(id), present?.get(id)];
      if (problems) this.finish({ id, outcome: "failed", problems, seconds: 0, log: "" });
      else if (image) this.finish({ id, outcome: "present", image });
    }
    for (const build of this.#builds) if (build.dependsOn.length === 0) this.#mayBegin(build);
  }

  next(hasRoom: (engine: Engine) => boolean) {
    const next = this.#isStopped ? undefined : this.#schedule.next(hasRoom);
    if (next) this.#begun.add(next.build.id);
    return next;
  }

  /** A build has ended, and with it all that cannot be made without it. */
  finish(result: BuildResult): void {
    const ended = [result];
    for (const each of ended) {
      const image = imageIn(each);
      this.results.set(each.id, each);
      if (image) this.images.set(each.id, image);
      this.#options.events?.finished?.(each);
      for (const dependent of this.#dependents.get(each.id) ?? []) {
        if (image) this.#isDone(dependent);
        else if (each.outcome !== "stopped" && !this.#isSettled(dependent))
          ended.push({ id: dependent.id, outcome: "skipped", because: each.id });
      }
    }
  }

  /** Nothing more is begun; what has begun is told when it has ended. */
  stop(): void {
    if (this.#isStopped) return;
    this.#isStopped = true;
    for (const { id } of this.#builds)
      if (!this.results.has(id) && !this.#begun.has(id)) this.finish({ id, outcome: "stopped" });
  }

  /** One more of its parents is done. */
  #isDone(build: ImageBuild): void {
    const open = (this.#open.get(build.id) ?? 0) - 1;
    this.#open.set(build.id, open);
    if (open === 0) this.#mayBegin(build);
  }

  #mayBegin(build: ImageBuild): void {
    if (!this.#isSettled(build)) this.#schedule.add(build);
  }

  /** It is known what becomes of it without running it. */
  #isSettled({ id }: ImageBuild): boolean {
    const { present, refused } = this.#options;
    return this.results.has(id) || present?.has(id) === true || refused?.has(id) === true;
  }
}

/** Seconds, where nobody knows better. */
const usual = { science: 60, payload: 60, compat: 5 } as const;
