import { describe, expect, it } from "vitest";
import { plan } from "../../src/run/plan.ts";
import { dataLayers, operator } from "./operator.ts";

const interfaceOf = (port: number) => ({ "compat/jupyter/Dockerfile": `ENV PORT=${port}\n` });

/** Published with a good interface, then with a bad one, then rolled back. */
async function rolledBack() {
  const world = await operator({ ...dataLayers("a", "b"), ...interfaceOf(1) });
  await world.push({ since: "all" });
  const good = world.tag("rel/a:1.0");
  world.made.commit(interfaceOf(2));
  await world.push();
  const bad = world.tag("rel/a:1.0");
  await world.rollback("a:1.0");
  expect([world.tag("rel/a:1.0"), good === bad]).toEqual([good, false]);
  return { ...world, good };
}

describe("what was rolled back", { timeout: 120_000 }, () => {
  it("stays there, whatever builds everything again, in a fresh clone too", async () => {
    const world = await rolledBack();
    const science = world.tag("sci/a:1.0");
    await world.push({ since: "published" });
    world.made.commit({}, "nothing");
    const { published } = await world.push({ since: "all" });
    expect(published.map(({ id }) => id)).toEqual(["science/b", "compat/b:1.0"]);
    expect([world.tag("rel/a:1.0"), world.tag("sci/a:1.0")]).toEqual([world.good, science]);
    const fresh = world.clone();
    expect(await fresh.states("a:1.0")).toEqual(["rolled-back"]);
    const planned = await fresh.use((session) => plan(session, { since: "published" }));
    expect(planned.plan.builds).toEqual([]);
    expect(planned.plan.warnings).toMatchObject([
      { code: "rolled-back", message: expect.stringMatching(/^a:1\.0 is rolled back to 1\.0-1-\w+ since /) },
    ]);
    fresh.made.commit({ "science/b/data": "two\n" });
    await fresh.push();
    expect(world.tag("rel/a:1.0")).toBe(world.good);
    expect(await fresh.states("b:1.0")).toEqual(["current"]);
  });

  it("is not built by name either", async () => {
    const world = await rolledBack();
    await expect(world.push({ include: ["compat/jupyter"] })).rejects.toMatchObject({
      name: "RefusedError",
      diagnostics: [{ code: "rolled-back", help: expect.stringContaining("rollback --release a:1.0") }],
    });
  });

  it("goes on when its definition changes, and when it is released", async () => {
    const world = await rolledBack();
    world.made.commit(interfaceOf(3));
    await world.push();
    expect(world.holds("rel/a:1.0")).toMatch(/^1\.0-3-/);
    expect(await world.states("a:1.0")).toEqual(["current"]);
    const other = await rolledBack();
    await other.clone().release("a:1.0");
    await other.push({ since: "published" });
    expect(other.holds("rel/a:1.0")).toMatch(/^1\.0-2-/);
    await expect(other.release("a:1.0")).rejects.toMatchObject({ diagnostics: [{ code: "not-rolled-back" }] });
  });

  it("gets a new interface on the science image it was put back to", async () => {
    const world = await operator({ ...dataLayers("a"), ...interfaceOf(1) });
    await world.push({ since: "all" });
    const science = world.tag("sci/a:1.0");
    world.made.commit({ "science/a/data": "bad\n" });
    await world.push();
    await world.rollback("a:1.0");
    expect(world.tag("sci/a:1.0")).toBe(science);
    world.made.commit(interfaceOf(2));
    await world.push();
    expect([world.tag("sci/a:1.0"), world.holds("rel/a:1.0")]).toEqual([science, expect.stringMatching(/^1\.0-3-/)]);
    expect(await world.states("a:1.0")).toEqual(["rolled-back"]);
    await world.clone().push({ since: "published" });
    expect(world.tag("sci/a:1.0")).toBe(science);
    world.made.commit({ "science/a/data": "mended\n" });
    await world.push();
    expect(await world.states("a:1.0")).toEqual(["current"]);
  });

  it("is rolled back further, and holds off what either rollback left", async () => {
    const world = await rolledBack();
    world.made.commit(interfaceOf(3));
    await world.push();
    const [run] = [...(await world.rollback("a:1.0")).units];
    expect([run?.image, world.tag("rel/a:1.0")]).toEqual(["a:1.0", world.good]);
    await world.push({ since: "published" });
    expect(world.tag("rel/a:1.0")).toBe(world.good);
  });

  it("and withdrawn needs no build, and what would be the same again is refused", async () => {
    const world = await rolledBack();
    const bad = `a:1.0-2-${world.made.git("rev-parse", "--short=7", "HEAD")}`;
    const { entry } = await world.withdraw(bad);
    expect(entry.stable).toBe(false);
    world.made.commit({}, "withdraw");
    expect((await world.use((session) => plan(session))).plan.builds).toEqual([]);
    await world.release("a:1.0");
    await expect(world.push({ since: "published" })).rejects.toMatchObject({
      name: "RefusedError",
      diagnostics: [{ code: "withdrawn-build", message: expect.stringContaining(`would be ${bad} once more`) }],
    });
    expect(world.tag("rel/a:1.0")).toBe(world.good);
    world.made.commit(interfaceOf(4));
    await world.push();
    expect(await world.states("a:1.0")).toEqual(["current"]);
  });
});
