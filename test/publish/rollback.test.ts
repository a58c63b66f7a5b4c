import { describe, expect, it } from "vitest";
import { applyRollback, planRollback, type RollbackRequest } from "../../src/publish/rollback.ts";
import { repo } from "../compose/world.ts";
import { memoryRegistries } from "../support/memory-registry.ts";
import { planOf, planWithTags, published, putImage } from "./world.ts";

const two = planOf("a", "b");
const run = { run: "run-2", started: "2026-11-22T11:00:00Z", signal: new AbortController().signal };

async function afterPublishing(hasOlder = true, of = two, further: readonly string[] = []) {
  const world = await published(of, memoryRegistries(), hasOlder);
  await world.publish();
  const plan = (what: string, to?: string) => {
    const request: RollbackRequest = {
      what,
      repo,
      folder: world.folder,
      registries: world.registries,
      now: "2026-11-22T10:59:00Z",
      further,
    };
    return planRollback(to === undefined ? request : { ...request, to });
  };
  return { ...world, plan };
}

describe("a rollback", () => {
  it("of a run puts all its tags back, and can be rolled back itself", async () => {
    const world = await afterPublishing();
    const plan = await world.plan("run-1");
    expect(await world.state()).toMatchObject({ "rel/a:1.0": "new" });
    await applyRollback(plan, { ...world, ...run });
    expect(new Set(Object.values(await world.state()))).toEqual(new Set(["old"]));
    await applyRollback(await world.plan("run-2"), { ...world, ...run, run: "run-3" });
    expect(new Set(Object.values(await world.state()))).toEqual(new Set(["new"]));
  });

  it.each(["run-1", "a:1.0"])("of %s takes the tags along that moved with the stable one", async (what) => {
    const world = await afterPublishing(true, planWithTags(["latest", "1"], "a"), ["latest"]);
    const { holds, ...plan } = await world.plan(what);
    expect(holds[0]?.tags.map(({ path }) => path)).toEqual(what === "run-1" ? ["rel/a", "sci/a"] : ["rel/a"]);
    await applyRollback({ ...plan, holds }, { ...world, ...run });
    expect(await world.state()).toMatchObject({ "rel/a:1.0": "old", "rel/a:latest": "old", "rel/a:1": "old" });
  });

  it.each(["run-1", "a:1.0"])("of %s leaves a tag alone that was another version's since, or is new", async (what) => {
    const world = await afterPublishing(true, planWithTags(["latest"], "a"), ["latest", "1"]);
    await putImage(world.registries, `${repo}/rel/a:latest`, { theirs: "1" });
    await putImage(world.registries, `${repo}/rel/a:1`, { theirs: "2" });
    await applyRollback(await world.plan(what), { ...world, ...run });
    expect(await world.state()).toMatchObject({ "rel/a:1.0": "old", "rel/a:latest": "other" });
  });

  it("is a value that survives JSON", async () => {
    const plan = await (await afterPublishing()).plan("run-1");
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(plan.units[0]?.moves[0]).toMatchObject({ reference: `${repo}/rel/a:1.0` });
  });

  it("of a run leaves image-versions alone that were moved since, or are new", async () => {
    const world = await afterPublishing();
    await putImage(world.registries, `${repo}/rel/b:1.0`, { theirs: "1" });
    const plan = await world.plan("run-1");
    expect(plan.units.map(({ image }) => image)).toEqual(["a:1.0"]);
    expect(plan.warnings).toMatchObject([{ message: expect.stringContaining("rel/b:1.0 was moved since") }]);
    const first = await (await afterPublishing(false)).plan("run-1");
    expect([first.units.length, first.warnings.length]).toEqual([0, 2]);
  });

  it("of an image-version goes to where it was before", async () => {
    const world = await afterPublishing();
    const plan = await world.plan("a:1.0");
    expect(plan.units).toMatchObject([
      { image: "a:1.0", moves: [{ reference: `${repo}/rel/a:1.0`, to: world.stable.get("compat/a:1.0") }] },
    ]);
    expect(plan.warnings).toMatchObject([{ code: "rollback-without-science" }]);
  });

  it("of an image-version to a build takes the science image it was built on along", async () => {
    const world = await afterPublishing();
    const science = await putImage(world.registries, `${repo}/sci/a:1.0-7-aaaaaaa`, { seven: "1" });
    const base = `${repo}/sci/a:1.0-7-aaaaaaa@${science}`;
    const users = await putImage(world.registries, `${repo}/rel/a:1.0-7-aaaaaaa`, {
      "org.sciserver.compat.base": base,
    });
    await applyRollback(await world.plan("a:1.0", "1.0-7-aaaaaaa"), { ...world, ...run });
    expect([await world.tag("rel/a:1.0"), await world.tag("sci/a:1.0")]).toEqual([users, science]);
  });

  it.each([
    ["nothing", undefined, "unknown-run"],
    ["a:1.0", "1.0-9-bbbbbbb", "no-such-tag"],
    ["run-1", "1.0", "rollback-to-of-run"],
    ["c:1.0", undefined, "no-such-image"],
  ])("of %s to %s is refused as %s", async (what, to, code) => {
    await expect((await afterPublishing()).plan(what, to)).rejects.toMatchObject({
      name: "RefusedError",
      diagnostics: [{ code }],
    });
  });
});
