import { describe, expect, it } from "vitest";
import { dataLayer, dataLayers, operator } from "./operator.ts";

const compat = (port: number) => ({ "compat/jupyter/Dockerfile": `ENV PORT=${port}\n` });

describe("a stable tag", { timeout: 120_000 }, () => {
  it("does not go back to an older commit, nor to one beside it, unless that is allowed by name", async () => {
    const world = await operator(dataLayers("a"));
    await world.push({ since: "all" });
    world.made.commit(compat(2));
    await world.push();
    const newest = world.tag("rel/a:1.0");
    world.made.git("checkout", "-q", "HEAD^");
    await expect(world.push({ since: "all" })).rejects.toMatchObject({
      name: "RefusedError",
      diagnostics: [
        { code: "older-commit", message: expect.stringContaining("rel/a:1.0 holds a build of a newer commit") },
      ],
    });
    world.made.git("checkout", "-q", "-b", "beside");
    world.made.commit(compat(3));
    await expect(world.push()).rejects.toMatchObject({ diagnostics: [{ code: "diverged-commit" }] });
    expect(world.tag("rel/a:1.0")).toBe(newest);
    await expect(world.push({ allowOlder: ["b:1.0"] })).rejects.toMatchObject({
      diagnostics: [{ code: "not-planned" }],
    });
    await world.push({ allowOlder: ["a:1.0"] });
    expect(world.holds("rel/a:1.0")).toBe("1.0-2-" + world.made.git("rev-parse", "--short=7", "HEAD"));
  });

  it("is not moved from a build whose commit this clone does not know", async () => {
    const world = await operator(dataLayers("a"));
    const other = world.clone();
    other.made.commit(compat(2));
    await other.push({ since: "all" });
    await expect(world.push({ since: "all" })).rejects.toMatchObject({
      diagnostics: [{ code: "unknown-commit" }, { code: "unknown-commit" }],
    });
  });

  it("stays where it would go backwards while --keep-going moves the others", async () => {
    const world = await operator({ ...dataLayers("a", "b"), ...dataLayer("c", "sci/a:1.0") });
    await world.push({ since: "all" });
    world.made.commit({ "science/a/data": "two\n" });
    await world.push();
    const newest = ["sci/a:1.0", "rel/a:1.0", "sci/c:1.0", "rel/c:1.0"].map(world.tag);
    world.made.git("checkout", "-q", "-b", "beside", "HEAD^");
    world.made.commit({ "science/b/data": "two\n", "science/a/data": "three\n" });
    const { results } = await world.push({ keepGoing: true });
    expect(Object.fromEntries(results.map(({ id, outcome }) => [id, outcome]))).toMatchObject({
      "science/a": "failed",
      "science/c": "failed",
      "science/b": "done",
      "compat/b:1.0": "done",
    });
    expect(["sci/a:1.0", "rel/a:1.0", "sci/c:1.0", "rel/c:1.0"].map(world.tag)).toEqual(newest);
    expect(world.holds("rel/b:1.0")).toMatch(/^1\.0-2-/);
  });
});
