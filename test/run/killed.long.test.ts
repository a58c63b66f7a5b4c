import { describe, expect, it, onTestFinished } from "vitest";
import { lockRemote } from "../../src/git/lock-ref.ts";
import { build } from "../../src/run/build.ts";
import { rollback } from "../../src/run/rollback.ts";
import { status } from "../../src/run/status.ts";
import { withdraw } from "../../src/run/withdraw.ts";
import { type Before, holding, killedAfter, type LongWorld, longWorld } from "../rounds/world.ts";
import { compatFiles, type Repository } from "../support/repository.ts";
import { dataLayers } from "./operator.ts";

const portOf = (port: number) => ({ "compat/jupyter/Dockerfile": `ENV PORT=${port}\n` });

/** Published once, and changed in science and interface since. */
async function changedWorld() {
  const world = longWorld({ ...dataLayers("a", "b"), ...compatFiles("jupyter"), ...portOf(1) });
  onTestFinished(() => world.remove());
  await push(world, world.origin);
  const good = { users: tag(world, "rel/a"), science: tag(world, "sci/a") };
  world.origin.commit({ ...portOf(2), "science/a/data": "two\n" });
  return { world, good };
}

const push = (world: LongWorld, clone: Repository, before?: Before, since = "all") =>
  world.use(clone, (session) => build(session, { push: true, noVerdict: true, since }), before);

const tag = (world: LongWorld, name: string): string | undefined => holding(world, name, "1.0")?.digest;

/** Dies right after the users' tag of `a` was moved, and before its science tag is. */
function killedBetween(): Before {
  let isDead = false;
  let isMoved = false;
  return (repository, method, target) => {
    if (isMoved && method === "put") isDead = true;
    if (isDead) return killedAfter(0)(repository, method, target);
    if (repository.endsWith("rel/a") && method === "put" && target === "1.0") isMoved = true;
  };
}

/** The unique tag of the first commit's builds. */
const first = (world: LongWorld): string =>
  `1.0-1-${world.origin.git("rev-list", "--max-parents=0", "--abbrev-commit", "--abbrev=7", "HEAD")}`;

const unrelated = (world: LongWorld): void => void world.origin.commit({ "science/b/data": "other\n" });

describe("a publish that was killed between two tags of an image", { timeout: 120_000 }, () => {
  it("is finished by a push of something else from the same clone", async () => {
    const { world } = await changedWorld();
    await push(world, world.origin, killedBetween()).catch(() => undefined);
    unrelated(world);
    await push(world, world.origin, undefined, "HEAD^");
    expect(holding(world, "rel/a", "1.0")?.labels["org.sciserver.compat.base"]).toContain(`@${tag(world, "sci/a")}`);
  });

  it("is not called current, in a fresh clone either", async () => {
    const { world } = await changedWorld();
    await push(world, world.origin, killedBetween()).catch(() => undefined);
    const { statuses } = await world.use(world.clone(), (session) => status(session));
    expect(statuses.find(({ image }) => image === "a")?.states).toEqual(["science-out-of-date"]);
    await push(world, world.origin, undefined, "published");
    const after = await world.use(world.clone(), (session) => status(session));
    expect(after.statuses.map(({ states }) => states)).toEqual([["current"], ["current"]]);
  });

  it("is finished by the same commit from a fresh clone", async () => {
    const { world } = await changedWorld();
    await push(world, world.origin, killedBetween()).catch(() => undefined);
    await push(world, world.clone(), undefined, "published");
    expect(holding(world, "rel/a", "1.0")?.labels["org.sciserver.compat.base"]).toContain(`@${tag(world, "sci/a")}`);
    expect(holding(world, "sci/a", "1.0")?.labels["org.opencontainers.image.version"]).toMatch(/^1\.0-2-/);
  });

  it("is not gone on with after a rollback, which takes both tags back", async () => {
    const { world, good } = await changedWorld();
    await push(world, world.origin, killedBetween()).catch(() => undefined);
    await world.use(world.origin, (session) => rollback(session, { what: "a:1.0" }));
    expect([tag(world, "rel/a"), tag(world, "sci/a")]).toEqual([good.users, good.science]);
    unrelated(world);
    await push(world, world.origin, undefined, "HEAD^");
    expect([tag(world, "rel/a"), tag(world, "sci/a")]).toEqual([good.users, good.science]);
  });

  it("is not gone on with by a part of a plan, which moves no tag", async () => {
    const { world } = await changedWorld();
    await push(world, world.origin, killedBetween()).catch(() => undefined);
    const before = [tag(world, "rel/a"), tag(world, "sci/a")];
    const part = { push: true, since: "all", only: ["science/b"] };
    await world.use(world.origin, (session) => build(session, part));
    expect([tag(world, "rel/a"), tag(world, "sci/a")]).toEqual(before);
    await push(world, world.origin);
    expect(tag(world, "sci/a")).not.toBe(before[1]);
  });

  it("is not gone on with after its build was withdrawn", async () => {
    const { world, good } = await changedWorld();
    // The images are there, and no tag has moved yet.
    const before: Before = (repository, method, target) => {
      if (method === "put" && target === "1.0") return killedAfter(0)(repository, method, target);
    };
    await push(world, world.origin, before).catch(() => undefined);
    const bad = `a:1.0-2-${world.origin.git("rev-parse", "--short=7", "HEAD")}`;
    await world.use(world.origin, (session) => withdraw(session, { image: bad, reason: "bad" }));
    unrelated(world);
    await push(world, world.origin, undefined, "HEAD^");
    expect([tag(world, "rel/a"), tag(world, "sci/a")]).toEqual([good.users, good.science]);
  });
});

describe("a rollback while another clone publishes what is rolled back", { timeout: 120_000 }, () => {
  /** Does something once, right before the first image gets its unique tag. */
  const whileBuilding = (action: () => Promise<unknown>): Before => {
    let isDone = false;
    return async (_repository, method, target) => {
      if (isDone || method !== "put" || !target.startsWith("1.0-")) return;
      isDone = true;
      await action();
    };
  };

  it("holds: that image-version is left alone, and the others are published", async () => {
    const { world, good } = await changedWorld();
    await push(world, world.origin);
    unrelated(world);
    const other = world.clone();
    const back = whileBuilding(() =>
      world.use(other, (session) => rollback(session, { what: "a:1.0", to: first(world) })),
    );
    await expect(push(world, world.origin, back)).rejects.toMatchObject({
      name: "FailedError",
      diagnostics: expect.arrayContaining([expect.objectContaining({ code: "rolled-back" })]),
    });
    expect([tag(world, "rel/a"), tag(world, "sci/a")]).toEqual([good.users, good.science]);
    expect(holding(world, "rel/b", "1.0")?.labels["org.opencontainers.image.version"]).toMatch(/^1\.0-3-/);
  });

  it("holds too where the publish waited for the lock meanwhile", async () => {
    const { world, good } = await changedWorld();
    await push(world, world.origin);
    unrelated(world);
    const other = world.clone();
    const signal = new AbortController().signal;
    const lock = await lockRemote(other.path, { holder: "another run", signal });
    const waiting: string[] = [];
    const request = { push: true, noVerdict: true, since: "all", lock: "git" as const };
    const warned = (all: readonly { readonly code: string }[]) => void waiting.push(...all.map(({ code }) => code));
    const done = world.use(world.origin, (session) => build(session, request, { warned }));
    await expect.poll(() => waiting, { timeout: 30_000 }).toContain("waiting-for-lock");
    await world.use(other, (session) => rollback(session, { what: "a:1.0", to: first(world) }));
    await lock.release();
    await done;
    expect([tag(world, "rel/a"), tag(world, "sci/a")]).toEqual([good.users, good.science]);
  });
});

describe("a rollback that was killed between two tags of an image", { timeout: 120_000 }, () => {
  it("is completed by the same command, in a fresh clone too, and holds", async () => {
    const { world, good } = await changedWorld();
    await push(world, world.origin);
    const to = `1.0-1-${world.origin.git("rev-parse", "--short=7", "HEAD^")}`;
    const back = (clone: Repository, before?: Before, which?: string) =>
      world.use(clone, (session) => rollback(session, { what: "a:1.0", to: which }), before);
    await back(world.origin, killedBetween(), to).catch(() => undefined);
    expect([tag(world, "rel/a") === good.users, tag(world, "sci/a") === good.science]).toEqual([true, false]);
    await push(world, world.clone(), undefined, "published");
    expect(tag(world, "rel/a")).toBe(good.users);
    await back(world.clone());
    expect([tag(world, "rel/a"), tag(world, "sci/a")]).toEqual([good.users, good.science]);
    await push(world, world.clone(), undefined, "published");
    expect([tag(world, "rel/a"), tag(world, "sci/a")]).toEqual([good.users, good.science]);
  });
});
