import type { ImageBuild } from "../compose/model.ts";
import type { Engine } from "./model.ts";

/** What may begin, and in which order: of each engine the build first that has the longest way of builds behind it. */
interface Schedule {
  /** A build whose parents are all done. */
  add(build: ImageBuild): void;
  /** The next one of an engine that has room; undefined where none has, or nothing may begin. */
  next(hasRoom: (engine: Engine) => boolean): { readonly build: ImageBuild; readonly engine: Engine } | undefined;
}

/** `seconds`: how long a build is expected to take. */
export function createSchedule(
  builds: readonly ImageBuild[],
  seconds: (build: ImageBuild) => number,
  engineFor: (build: ImageBuild) => Engine,
): Schedule {
  const ways = remainingWays(builds, seconds);
  const places = new Map(builds.map(({ id }, at) => [id, at]));
  const comesLater = (a: ImageBuild, b: ImageBuild): number =>
    (ways.get(a.id) ?? 0) - (ways.get(b.id) ?? 0) || (places.get(b.id) ?? 0) - (places.get(a.id) ?? 0);
  // The one that comes next is the last.
  const queues = new Map<Engine, ImageBuild[]>();
  return {
    add(build) {
      const engine = engineFor(build);
      const queue = queues.get(engine) ?? [];
      queues.set(engine, queue);
      queue.splice(placeIn(queue, build, comesLater), 0, build);
    },
    next(hasRoom) {
      for (const [engine, queue] of queues) {
        const build = queue.length > 0 && hasRoom(engine) ? queue.pop() : undefined;
        if (build) return { build, engine };
      }
      return undefined;
    },
  };
}

/** Seconds from the beginning of each build to the end of the last one that waits for it, by id. */
function remainingWays(builds: readonly ImageBuild[], seconds: (build: ImageBuild) => number): Map<string, number> {
  const ways = new Map<string, number>();
  // Parents come first, so that backwards all that waits for a build is known when it is looked at.
  for (const build of builds.toReversed()) {
    const way = (ways.get(build.id) ?? 0) + seconds(build);
    ways.set(build.id, way);
    for (const parent of build.dependsOn) ways.set(parent, Math.max(ways.get(parent) ?? 0, way));
  }
  return ways;
}

function placeIn<T>(sorted: readonly T[], item: T, compare: (a: T, b: T) => number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compare(sorted[middle] as T, item) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
