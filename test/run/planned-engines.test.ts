import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import type { Plan, PlannedBuild } from "../../src/plan/model.ts";
import { build } from "../../src/run/build.ts";
import type { BuildRequest, Outcome } from "../../src/run/model.ts";
import { type Planned, type PlanRequest, plan } from "../../src/run/plan.ts";
import { type Session, type SessionOptions, withSession } from "../../src/run/session.ts";
import { compatFiles, type Repository, repository, scienceFiles } from "../support/repository.ts";

/** How often a layer is looked at, whoever does it: composing looks at it equally often each time. */
async function countLooks(session: Session, target: string): Promise<(use: () => Promise<unknown>) => Promise<number>> {
  const layer = (await session.catalogue()).science.find((each) => each.target === target);
  if (layer === undefined) throw new Error(`there is no ${target}`);
  const { test } = layer;
  let count = 0;
  Object.defineProperty(layer, "test", { enumerable: true, get: () => (count++, test) });
  return async (use) => {
    const before = count;
    await use();
    return count - before;
  };
}

/** `plain` runs nothing, `ran` is on it and runs something. */
const example = (): Repository =>
  repository({
    ...scienceFiles("plain", "scratch"),
    "science/plain/Dockerfile": "FROM scratch\nENV A=1\n",
    ...scienceFiles("ran", "sci/plain:1.0"),
    "science/ran/Dockerfile": "FROM sci/plain:1.0\nENV B=1\nRUN true\n",
    ...compatFiles("jupyter"),
  });

const scratch = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-engines-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Nothing is pulled, and no engine answers. */
const sessionAt = (path: string, settings: SessionOptions["settings"] = {}): SessionOptions => ({
  root: path,
  settings: { repo: "127.0.0.1:1/nowhere", ...settings },
  environment: { PATH: process.env["PATH"], XDG_STATE_HOME: scratch(), DOCKER_HOST: "unix:///nowhere" },
});

const planIn = (session: Session, request: PlanRequest = {}): Promise<Planned> => {
  const engines = { output: "oci:out", named: true };
  return plan(session, { since: "all", include: ["science/plain"], engines, ...request });
};

const planFor = (path: string, request: PlanRequest = {}, settings?: SessionOptions["settings"]): Promise<Plan> =>
  withSession(sessionAt(path, settings), async (session) => (await planIn(session, request)).plan);

const buildIn = (session: Session, request: BuildRequest): Promise<Outcome> =>
  build(session, {
    since: "all",
    include: ["science/plain"],
    output: `oci:${join(session.root, "out")}`,
    ...request,
  });

const buildAt = (path: string, request: BuildRequest, settings?: SessionOptions["settings"]): Promise<Outcome> =>
  withSession(sessionAt(path, settings), (session) => buildIn(session, request));

/** The plan with other engines, by id; `undefined` leaves it to the choice. */
const withEngines = (made: Plan, engines: Readonly<Record<string, object | undefined>>): string =>
  JSON.stringify({
    ...made,
    builds: made.builds.map((each) => (each.id in engines ? { ...each, engine: engines[each.id] } : each)),
  });

const saved = (text: string): NonNullable<PlanRequest["saved"]> => ({ name: "plan.json", text });

async function refusal(made: Promise<unknown>): Promise<string[]> {
  const failure = await made.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(failure instanceof RefusedError)) throw failure ?? new Error("it was not refused");
  return failure.diagnostics.map(({ code, message, at }) => `${code} ${at?.file ?? ""}:${at?.line ?? ""} ${message}`);
}

const enginesOf = ({ builds }: Plan): Record<string, PlannedBuild["engine"]> =>
  Object.fromEntries(builds.map(({ id, engine }) => [id, engine]));

const outcomes = ({ results }: Outcome): string[] => results.map(({ id, outcome }) => `${id} ${outcome}`);

const only = { include: [], ignore: ["science/ran"] };

describe("one composition", () => {
  it("is made by a run that builds, whether it plans or has a plan, and completes its plan", async () => {
    await withSession(sessionAt(example().path), async (session) => {
      const looks = await countLooks(session, "plain");
      const planning = await looks(() => planIn(session, { ...only, engines: undefined }));
      let named: Planned | undefined;
      const composing = (await looks(async () => (named = await planIn(session, only)))) - planning;
      expect(composing).toBeGreaterThan(0);
      expect(await looks(() => buildIn(session, { ...only, engines: { push: false, named: true } }))).toBe(
        planning + composing,
      );
      expect(await looks(() => buildIn(session, { saved: saved(JSON.stringify(named?.plan)) }))).toBe(
        planning + composing,
      );
      const planned = await planIn(session, { ...only, engines: undefined });
      let outcome: Outcome | undefined;
      expect(await looks(async () => (outcome = await buildIn(session, { planned })))).toBe(composing);
      expect(outcome && enginesOf(outcome.plan)).toEqual({
        "science/plain": { name: "assemble", why: "nothing has to run" },
        "compat/plain:1.0": { name: "assemble", why: "nothing has to run" },
      });
    });
  });
});

describe("the engine that a saved plan names", () => {
  it("makes the build, though another would have been chosen", async () => {
    const { path } = example();
    const docker = { name: "docker", why: "the reviewer wants it" };
    const text = withEngines(await planFor(path, only), { "compat/plain:1.0": docker });
    const there = await planFor(path, { saved: saved(text) });
    expect(enginesOf(there)["compat/plain:1.0"]).toEqual(docker);
    await expect(buildAt(path, { saved: saved(text) })).rejects.toThrow("no Docker engine answers");
  });

  it("is chosen where the plan names none", async () => {
    const { path } = example();
    const made = await planFor(path, only);
    const text = withEngines(made, { "science/plain": undefined, "compat/plain:1.0": undefined });
    const outcome = await buildAt(path, { saved: saved(text) });
    expect(outcomes(outcome)).toEqual(["science/plain done", "compat/plain:1.0 done"]);
    expect(outcome.plan).toEqual(made);
  });

  it("refuses the run where it cannot take the build or is not there, with one problem for each, and nothing is touched", async () => {
    const { path } = example();
    const text = withEngines(await planFor(path), {
      "science/plain": { name: "podman", why: "it is here" },
      "science/ran": { name: "assemble", why: "nothing has to run" },
    });
    const problems = [
      'unknown-engine : the plan gives science/plain to "podman", and there is no such engine',
      "needs-engine science/ran/Dockerfile:3 the plan gives science/ran to the embedded engine, which cannot make it: it needs RUN",
    ];
    expect(await refusal(buildAt(path, { saved: saved(text) }))).toEqual(problems);
    expect(existsSync(join(path, "out"))).toBe(false);
    // A dry run says the same.
    expect(await refusal(planFor(path, { saved: saved(text), engines: { push: true, named: false } }))).toEqual(
      problems,
    );
  });

  it("is refused beside another --engine, and counts more than that of image-builder.json", async () => {
    const made = example();
    const text = JSON.stringify(await planFor(made.path, only));
    expect(await refusal(buildAt(made.path, { saved: saved(text) }, { engine: "docker" }))).toEqual(
      ["science/plain", "compat/plain:1.0"].map(
        (id) => `two-engines : the plan gives ${id} to "assemble", and --engine names "docker"`,
      ),
    );
    made.commit({ "image-builder.json": { engine: "docker" } });
    const later = await planFor(made.path, only);
    expect(enginesOf(later)["science/plain"]).toEqual({ name: "docker", why: "image-builder.json names it" });
    const assemble = { name: "assemble", why: "the reviewer wants it" };
    const edited = withEngines(later, { "science/plain": assemble, "compat/plain:1.0": assemble });
    const outcome = await buildAt(made.path, { saved: saved(edited) });
    expect(outcomes(outcome)).toEqual(["science/plain done", "compat/plain:1.0 done"]);
    expect(enginesOf(outcome.plan)["science/plain"]).toEqual(assemble);
  });

  it("is told where it cannot put images where the run does, so that another makes them", async () => {
    const { path } = example();
    const text = JSON.stringify(await planFor(path, only));
    const here = await planFor(path, { saved: saved(text), engines: { named: true } });
    expect(enginesOf(here)["science/plain"]).toEqual({ name: "docker", why: "the image stays on this machine" });
    expect(here.warnings.flatMap(({ code, message }) => (code === "engine-changed" ? [message] : []))).toEqual(
      ["science/plain", "compat/plain:1.0"].map(
        (id) =>
          `the plan gives ${id} to the embedded engine, and the docker engine makes it: the image stays on this machine`,
      ),
    );
  });

  it("is refused when it is no engine at all", async () => {
    const { path } = example();
    const text = withEngines(await planFor(path, only), { "science/plain": { name: 5 } });
    expect(await refusal(buildAt(path, { saved: saved(text) }))).toEqual([
      "bad-plan : plan.json is not a plan document of format version 1",
    ]);
  });
});
