import { describe, expect, it } from "vitest";
import { explanationText } from "../../src/cli/text/explanation.ts";
import { plan } from "../../src/run/plan.ts";
import { why } from "../../src/run/why.ts";
import { dataLayer, dataLayers, operator } from "./operator.ts";

describe("a refresh", { timeout: 120_000 }, () => {
  it("builds an unchanged interface anew, with what stands on it and nothing else, under a unique tag of its own", async () => {
    const world = await operator(dataLayers("a", "b"));
    await world.push({ since: "all" });
    const before = ["sci/a:1.0", "sci/b:1.0", "rel/b:1.0"].map(world.tag);
    const { published } = await world.push({ refresh: ["a:1.0"] });
    const commit = world.made.git("rev-parse", "--short=7", "HEAD");
    expect(published.map(({ unique }) => unique)).toEqual([`${world.repo}/rel/a:1.0-1-${commit}-r1`]);
    expect(world.holds("rel/a:1.0")).toBe(`1.0-1-${commit}-r1`);
    expect(["sci/a:1.0", "sci/b:1.0", "rel/b:1.0"].map(world.tag)).toEqual(before);
    expect(await world.states("a:1.0")).toEqual(["current"]);
    await world.push({ refresh: ["a"] });
    expect(world.holds("rel/a:1.0")).toBe(`1.0-1-${commit}-r2`);
  });

  it("of a science layer takes its dependents along", async () => {
    const world = await operator({ ...dataLayers("a", "b"), ...dataLayer("c", "sci/a:1.0") });
    await world.push({ since: "all" });
    await world.push({ refresh: ["science/a"] });
    const tags = ["sci/a:1.0", "rel/a:1.0", "sci/c:1.0", "rel/c:1.0", "rel/b:1.0"].map(world.holds);
    expect(tags.map((each) => each?.endsWith("-r1"))).toEqual([true, true, true, true, false]);
    expect((await world.use((session) => plan(session, { since: "published" }))).plan.builds).toEqual([]);
  });

  it("is not taken back by the same commit published once more", async () => {
    const world = await operator(dataLayers("a"));
    await world.push({ since: "all" });
    await world.push({ refresh: ["a:1.0"] });
    const refreshed = world.tag("rel/a:1.0");
    const { published } = await world.push({ since: "all" });
    expect(world.tag("rel/a:1.0")).toBe(refreshed);
    expect(published.find(({ id }) => id === "compat/a:1.0")?.unique).toMatch(/-r1$/);
  });

  it("is told by why, where the registry is asked", async () => {
    const world = await operator(dataLayers("a"));
    await world.push({ since: "all" });
    await world.push({ refresh: ["a:1.0"] });
    const { explanation } = await world.use((session) => why(session, "a:1.0", { since: "published" }));
    const tag = world.holds("rel/a:1.0") ?? "";
    expect(explanation.builds[0]).toMatchObject({
      planned: false,
      refreshed: [{ kind: "compat", name: "a", tag, asked: "a:1.0" }],
    });
    expect(explanationText(explanation)).toContain(
      `published: the interface of a was built anew as ${tag} by --refresh a:1.0`,
    );
  });

  it("of what is no layer and no image is refused, with what may be meant", async () => {
    const world = await operator(dataLayers("a"));
    await expect(world.push({ refresh: ["science/aa"] })).rejects.toMatchObject({
      name: "RefusedError",
      diagnostics: [{ code: "unknown-refresh", message: expect.stringContaining("science/a") }],
    });
  });
});
