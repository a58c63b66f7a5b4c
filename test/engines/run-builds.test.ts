import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import type { ImageBuild, ImageTest } from "../../src/compose/model.ts";
import { createLogs } from "../../src/engines/logs.ts";
import type { BuiltImage, Engine } from "../../src/engines/model.ts";
import { createRecordEngine } from "../../src/engines/record/record.ts";
import { runBuilds } from "../../src/engines/run-builds.ts";
import type { BuildResult, RunOptions } from "../../src/engines/run-model.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { readyBuild } from "../contracts/engine.ts";

const folder = mkdtempSync(join(tmpdir(), "run-builds-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shellTest = (run: string): ImageTest => ({
  name: run,
  run,
  files: [],
  place: { at: { file: "science/a/sciserver-image.json", line: 5, column: 3 }, excerpt: { text: "", length: 1 } },
});

/** `broken` fails; `a<b` is built on `b`. */
function builds(...names: readonly string[]): ImageBuild[] {
  return names.map((name) => {
    const [own = "", parent] = name.split("<");
    const { build } = readyBuild({ repo: "reg.test/x", root: "/" }, own, "");
    const text = `FROM base\n${own.startsWith("broken") ? "RUN false\n" : ""}`;
    const base = { kind: "built" as const, id: `science/${parent}` };
    return {
      ...build,
      dependsOn: parent ? [base.id] : [],
      dockerfile: {
        text: parent ? text : text.replace("base", "scratch"),
        references: parent ? [{ start: 5, end: 9, base, final: true }] : [],
        declared: [],
        origins: [],
      },
    };
  });
}

const run = (list: readonly ImageBuild[], more: Partial<RunOptions> = {}): Promise<BuildResult[]> => {
  const engine = createRecordEngine();
  return runBuilds(list, {
    root: "/",
    bases: { pinOf: () => ({ reference: "x", name: "x" }) },
    engineFor: () => engine,
    jobs: 2,
    created: 1,
    noCache: false,
    logs: createLogs(folder),
    signal: new AbortController().signal,
    ...more,
  });
};

const outcomes = (results: readonly BuildResult[]): string[] =>
  results.map(({ id, outcome }) => `${id.replace("science/", "")} ${outcome}`);

/** An engine that takes its time and tells how many builds it has at once. */
function slowEngine(): { engine: Engine; order: string[]; most: () => number } {
  const inner = createRecordEngine();
  const order: string[] = [];
  let now = 0;
  let most = 0;
  const engine: Engine = {
    ...inner,
    async build(ready, task) {
      now += 1;
      most = Math.max(most, now);
      order.push(`begin ${ready.build.id}`);
      try {
        await wait(15, undefined, { signal: task.signal });
        return await inner.build(ready, task);
      } finally {
        order.push(`end ${ready.build.id}`);
        now -= 1;
      }
    },
  };
  return { engine, order, most: () => most };
}

describe("builds", () => {
  it("run as soon as what they are built on is done, so many at a time", async () => {
    const { engine, order, most } = slowEngine();
    const results = await run(builds("a", "b", "c<a", "d"), { engineFor: () => engine });
    expect(outcomes(results)).toEqual(["a done", "b done", "c done", "d done"]);
    expect(order.indexOf("begin science/c")).toBeGreaterThan(order.indexOf("end science/a"));
    expect(most()).toBe(2);
  });

  it("are built on the parent just built, by its unique tag and digest", async () => {
    const engine = createRecordEngine();
    const seen: string[] = [];
    const watching: Engine = {
      ...engine,
      build: (ready, task) => {
        seen.push(ready.dockerfile.split("\n")[0] ?? "");
        return engine.build(ready, task);
      },
    };
    const publish: RunOptions["publish"] = async (image, _build, through, task) => ({
      ...image,
      manifest: await through.push(image, image.reference, task),
    });
    const [parent, child] = await run(builds("a", "b<a"), { engineFor: () => watching, publish });
    const { image } = parent as { image: BuiltImage };
    expect(child?.outcome).toBe("done");
    expect(seen[1]).toBe(`FROM reg.test/x/a:1.0-1-abc@${image.manifest}`);
    await run(builds("a", "b<a"), { engineFor: () => watching });
    expect(seen[3]).toBe("FROM reg.test/x/a:1.0-1-abc");
  });

  it("that fail stop only what depends on them, and say where their log is", async () => {
    const results = await run(builds("broken", "a", "b<broken", "c<b", "d<a"));
    expect(outcomes(results)).toEqual(["broken failed", "a done", "b skipped", "c skipped", "d done"]);
    expect(results[3]).toMatchObject({ because: "science/b" });
    const [failed] = results as [Extract<BuildResult, { outcome: "failed" }>];
    expect(failed.problems[0]?.message).toContain("science/broken");
    expect(readFileSync(failed.log, "utf8")).toContain("RUN false");
  });

  it("fail when a test in them fails, before they are published", async () => {
    const published: string[] = [];
    const tested: string[] = [];
    const [one, two] = builds("a", "b") as [ImageBuild, ImageBuild];
    const results = await run(
      [
        { ...one, test: [shellTest("false"), shellTest("true"), shellTest("false")] },
        { ...two, test: [shellTest("true")] },
      ],
      {
        jobs: 1,
        events: { tested: (id, { name, outcome }) => void tested.push(`${id.slice(-1)} ${name} ${outcome}`) },
        publish: async (image) => {
          published.push(image.id);
          return image;
        },
      },
    );
    expect(outcomes(results)).toEqual(["a failed", "b done"]);
    expect(published).toEqual(["science/b"]);
    const [failed] = results as [Extract<BuildResult, { outcome: "failed" }>];
    expect(failed.problems.map(({ code, at }) => `${code} ${at?.file}`)).toEqual([
      "test-failed science/a/sciserver-image.json",
      "test-failed science/a/sciserver-image.json",
    ]);
    expect(tested).toEqual(["a false failed", "a true passed", "a false failed", "b true passed"]);
  });

  it("that are there already are not run, and others are built on them", async () => {
    const manifest = sha256Digest("there");
    const image: BuiltImage = {
      id: "science/a",
      reference: "reg.test/x/a:1.0-1-abc",
      config: sha256Digest("c"),
      manifest,
    };
    const engine = createRecordEngine([`reg.test/x/a:1.0-1-abc@${manifest}`]);
    const results = await run(builds("a", "b<a"), {
      present: new Map([["science/a", image]]),
      engineFor: () => engine,
    });
    expect(outcomes(results)).toEqual(["a present", "b done"]);
    expect(engine.commands).toHaveLength(1);
  });

  it("that others only copy from are not run when those are there already", async () => {
    const [payload, copying, other] = builds("p", "a<p", "b") as [ImageBuild, ImageBuild, ImageBuild];
    const list = [{ ...payload, kind: "payload" as const }, copying, other];
    const image: BuiltImage = { id: copying.id, reference: copying.tags[0], config: sha256Digest("c") };
    expect(outcomes(await run(list, { present: new Map([[copying.id, image]]) }))).toEqual(["a present", "b done"]);
    expect(outcomes(await run(list))).toEqual(["p done", "a done", "b done"]);
  });

  it("are stopped by the signal: what runs ends, nothing more begins", async () => {
    const { engine, order } = slowEngine();
    const controller = new AbortController();
    const running = run(builds("a", "b", "c<a", "d"), { engineFor: () => engine, signal: controller.signal });
    await wait(5);
    controller.abort();
    expect(outcomes(await running)).toEqual(["a stopped", "b stopped", "c stopped", "d stopped"]);
    expect(order.filter((each) => each.startsWith("begin"))).toHaveLength(2);
  });

  it("tell what happens, line by line", async () => {
    const told: string[] = [];
    await run(builds("broken", "b<broken"), {
      events: {
        started: (id) => told.push(`started ${id}`),
        said: (id, line) => told.push(`${id}: ${line}`),
        finished: ({ id, outcome }) => told.push(`${outcome} ${id}`),
      },
    });
    expect(told).toEqual([
      "started science/broken",
      "science/broken: FROM scratch",
      "science/broken: RUN false",
      "science/broken: ",
      expect.stringContaining("science/broken: $ docker build"),
      "failed science/broken",
      "skipped science/b",
    ]);
  });

  it("begins with the longest way of builds, of those that may begin", async () => {
    const list = builds("short-1", "short-2", "short-3", "long-1", "long-2<long-1", "long-3<long-2");
    const { engine, order } = slowEngine();
    await run(list, { engineFor: () => engine, jobs: 1 });
    const begun = order.filter((each) => each.startsWith("begin")).map((each) => each.replace("begin science/", ""));
    expect(begun).toEqual(["long-1", "long-2", "short-1", "short-2", "short-3", "long-3"]);
  });

  it("goes by how long builds took before, where that is known", async () => {
    const list = builds("a", "b", "c", "d<a");
    const { engine, order } = slowEngine();
    const seconds = new Map([
      ["science/c", 600],
      ["science/b", 130],
    ]);
    await run(list, { engineFor: () => engine, jobs: 1, seconds: ({ id }) => seconds.get(id) });
    const begun = order.filter((each) => each.startsWith("begin")).map((each) => each.replace("begin science/", ""));
    expect(begun).toEqual(["c", "b", "a", "d"]);
  });

  it("ends a lopsided plan sooner than in the plan's order", async () => {
    const shorts = Array.from({ length: 6 }, (_, at) => `short-${at}`);
    const chain = ["link-0", "link-1<link-0", "link-2<link-1", "link-3<link-2"];
    const { engine, order } = slowEngine();
    await run(builds(...shorts, ...chain), { engineFor: () => engine, jobs: 2 });
    // In the plan's order the chain begins behind all the short ones, and ends three builds after everything else.
    const ends = order.filter((each) => each.startsWith("end"));
    expect(ends.indexOf("end science/link-2")).toBeLessThan(ends.length - 2);
    expect(order.indexOf("begin science/link-0")).toBeLessThan(2);
  });
});
