import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { history } from "../../src/run/history.ts";
import { images } from "../../src/run/images.ts";
import { withdrawRun } from "../../src/run/withdraw.ts";
import { dataLayers, operator } from "./operator.ts";

const interfaceOf = (port: number) => ({ "compat/jupyter/Dockerfile": `ENV PORT=${port}\n` });

describe("the history of an image", { timeout: 120_000 }, () => {
  it("lists its builds by age, with what changed between them, and which are stable, left and withdrawn", async () => {
    const world = await operator({ ...dataLayers("a"), ...interfaceOf(1) });
    await world.push({ since: "all" });
    world.made.commit({ "science/a/data": "two\n" }, "more data");
    await world.push();
    world.made.commit(interfaceOf(2), "another port");
    await world.push();
    await world.push({ refresh: ["a:1.0"] });
    await world.rollback("a:1.0", `1.0-2-${world.made.git("rev-parse", "--short=7", "HEAD^")}`);
    const { histories, problems } = await world.clone().use((session) => history(session, "a:1.0"));
    expect(problems).toEqual([]);
    const [only] = histories;
    expect(only?.rolledBack?.to).toMatch(/^1\.0-2-/);
    expect(
      only?.builds.map(({ tag, states, changed, commit, refreshed }) => [
        tag.replace(/-[0-9a-f]{7}/, ""),
        states,
        changed,
        commit?.subject,
        refreshed,
      ]),
    ).toEqual([
      ["1.0-3-r1", ["left"], ["interface built again"], "another port", "a:1.0"],
      ["1.0-3", [], ["interface jupyter"], "another port", undefined],
      ["1.0-2", ["stable"], ["science layer a", "interface built again"], "more data", undefined],
      ["1.0-1", [], undefined, "start", undefined],
    ]);
    await expect(world.use((session) => history(session, "b"))).rejects.toMatchObject({ name: "FailedError" });
  });

  it("says when a build was published, which its own time need not be", async () => {
    const world = await operator(dataLayers("a"));
    await new Promise((resolve) => setTimeout(resolve, 1100));
    const before = Date.now();
    await world.push({ since: "all", noVerdict: false });
    const { histories } = await world.use((session) => history(session, "a"));
    const { document } = await world.use(images);
    for (const when of [histories[0]?.builds[0]?.when, document.images[0]?.since])
      expect(Date.parse(when ?? "")).toBeGreaterThanOrEqual(before);
  });
});

describe("a run", { timeout: 120_000 }, () => {
  it("is withdrawn with all that it published", async () => {
    const world = await operator(dataLayers("a", "b"));
    await world.push({ since: "all" });
    const [file = ""] = readdirSync(join(world.made.path, ".git/image-builder/runs")).filter((name) =>
      name.endsWith(".json"),
    );
    const run = file.replace(/\.json$/, "");
    const done = await world.use((session) => withdrawRun(session, run, { reason: "wrong base" }));
    expect(done.map(({ entry }) => `${entry.image} ${entry.stable}`).sort()).toEqual(["a true", "b true"]);
    await expect(world.use((session) => withdrawRun(session, "none", { reason: "x" }))).rejects.toMatchObject({
      diagnostics: [{ code: "unknown-run" }],
    });
  });
});
