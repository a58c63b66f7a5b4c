import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { build } from "../../src/run/build.ts";
import type { BuildRequest, Outcome } from "../../src/run/model.ts";
import { dataLayers } from "../run/operator.ts";
import { compatFiles, type Repository } from "../support/repository.ts";
import { type Before, holding, type LongWorld, longWorld, random, roundsOf } from "./world.ts";

const files = { ...dataLayers("a", "b"), ...compatFiles("jupyter") };

/** Waits before each request, by a rule that the seed decides. */
const delays =
  (next: () => number): Before =>
  () =>
    sleep(Math.floor(next() ** 3 * 12));

interface Pipeline {
  readonly clone: Repository;
  readonly request: BuildRequest;
  readonly environment?: Record<string, string>;
}

/** Runs pipelines at once and returns what became of each. */
const race = (world: LongWorld, seed: number, pipelines: readonly Pipeline[]) =>
  Promise.allSettled(
    pipelines.map(async ({ clone, request, environment }, at) => {
      const next = random(seed * 31 + at);
      await sleep(Math.floor(next() * 30));
      const verb = (session: Parameters<typeof build>[0]): Promise<Outcome> =>
        build(session, { push: true, noVerdict: true, since: "all", ...request });
      return world.use(clone, verb, delays(next), environment);
    }),
  );

const stableTags = ["a", "b"].flatMap((name) => [`rel/${name}`, `sci/${name}`]);

/** `sci/` and `rel/` of each image-version are of one build, and of this commit. */
function expectOneBuild(world: LongWorld, commit: string, round: string): void {
  for (const name of ["a", "b"]) {
    const [users, science] = [holding(world, `rel/${name}`, "1.0"), holding(world, `sci/${name}`, "1.0")];
    expect(users?.labels["org.opencontainers.image.revision"], round).toBe(commit);
    expect(science?.labels["org.opencontainers.image.revision"], round).toBe(commit);
    expect(users?.labels["org.sciserver.compat.base"], round).toContain(`@${science?.digest}`);
  }
}

/** Every reference that a run which went well has printed is what it said. */
function expectTrue(world: LongWorld, outcomes: readonly PromiseSettledResult<Outcome>[], round: string): number {
  const good = outcomes.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  for (const { unique, stable, digest } of good.flatMap(({ published }) => published)) {
    for (const reference of [unique, ...(stable === undefined ? [] : [stable])]) {
      const [, repository = "", tag = ""] = /images\/(.+):([^:]+)$/.exec(reference) ?? [];
      expect(holding(world, repository, tag)?.digest, `${round}: ${reference}`).toBe(digest);
    }
  }
  return good.length;
}

const rounds = roundsOf(200);

/** Each round has a world of its own; `name` is for what goes wrong. */
async function eachRound(test: (world: LongWorld, seed: number, name: string) => Promise<void>): Promise<void> {
  for (let seed = 1; seed <= rounds; seed += 1) {
    const world = longWorld(files);
    await test(world, seed, `round ${seed}`).finally(() => world.remove());
  }
}

/** Two or three runs of one commit, all of which end well and agree. */
const runsOfOneCommit = (pipeline: (at: number) => Omit<Pipeline, "clone">): Promise<void> =>
  eachRound(async (world, seed, round) => {
    const pipelines = Array.from({ length: 2 + (seed % 2) }, (_, at) => ({ clone: world.clone(), ...pipeline(at) }));
    const outcomes = await race(world, seed, pipelines);
    const states = outcomes.map(({ status }) => status);
    expect(states, round).toEqual(pipelines.map(() => "fulfilled"));
    expectTrue(world, outcomes, round);
    expectOneBuild(world, world.origin.git("rev-parse", "HEAD"), round);
  });

/** A run of the first commit and one of the second, which is returned. */
async function runsOfNeighbours(world: LongWorld, seed: number, request: BuildRequest) {
  const older = world.clone();
  const commit = world.origin.commit({ "compat/jupyter/Dockerfile": `ENV ROUND=${seed}\n` });
  const pipelines = [older, world.clone()].map((clone) => ({ clone, request }));
  return { commit, outcomes: await race(world, seed, pipelines) };
}

describe(`runs side by side, ${rounds} rounds each`, { timeout: 3_600_000 }, () => {
  it("of one commit, whose images come out alike, all end well without a lock", () =>
    runsOfOneCommit(() => ({ request: {} })));

  it("of one commit, whose images come out otherwise each time, agree under --lock git", () =>
    runsOfOneCommit((at) => ({
      request: { lock: "git" },
      environment: { SOURCE_DATE_EPOCH: `${1_700_000_000 + at}` },
    })));

  it("of neighbouring commits end on the newer one under --lock git", () =>
    eachRound(async (world, seed, round) => {
      const { commit, outcomes } = await runsOfNeighbours(world, seed, { lock: "git" });
      const [first, second] = outcomes;
      expect(second?.status, round).toBe("fulfilled");
      if (first?.status === "rejected") expect(first.reason, round).toBeInstanceOf(RefusedError);
      expectOneBuild(world, commit, round);
    }));

  it("of neighbouring commits without a lock rarely leave the older one behind, and lose no tag", async () => {
    let wrong = 0;
    await eachRound(async (world, seed, round) => {
      const { commit } = await runsOfNeighbours(world, seed, {});
      const held = stableTags.map((each) => holding(world, each, "1.0"));
      for (const [at, each] of stableTags.entries()) expect(held[at], `${round}: ${each}`).toBeDefined();
      if (held.some((each) => each?.labels["org.opencontainers.image.revision"] !== commit)) wrong += 1;
    });
    process.stdout.write(
      `neighbouring commits without a lock: ${wrong} of ${rounds} rounds did not end on the newer commit\n`,
    );
    expect(wrong).toBeLessThanOrEqual(rounds / 4);
  });
});
