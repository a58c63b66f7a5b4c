import { expect, it } from "vitest";
import { plan } from "../../src/run/plan.ts";
import { dataLayer, operator } from "./operator.ts";

it("an image-version without interface is rolled back by its name, with its further tags, and stays there", async () => {
  const world = await operator({
    ...dataLayer("a", "scratch"),
    ...dataLayer("base", "scratch"),
    "science/base/sciserver-image.json": { image: "foundation", version: "1.0", compat: false, tags: ["latest"] },
  });
  await world.push({ since: "all" });
  const good = world.tag("sci/base:1.0");
  world.made.commit({ "science/base/data": "two\n" });
  await world.push();
  const bad = world.tag("sci/base:1.0");
  expect([good === bad, world.tag("sci/base:latest")]).toEqual([false, bad]);
  const { warnings } = await world.rollback("foundation:1.0");
  expect([warnings, world.tag("sci/base:1.0"), world.tag("sci/base:latest")]).toEqual([[], good, good]);
  expect(world.tag("sci/a:1.0")).toBeDefined();
  const fresh = world.clone();
  const planned = await fresh.use((session) => plan(session, { since: "published" }));
  expect([planned.plan.builds, planned.plan.warnings.map(({ code }) => code)]).toEqual([[], ["rolled-back"]]);
  await fresh.release("foundation:1.0");
  await fresh.push({ since: "published" });
  expect(world.holds("sci/base:1.0")).toMatch(/^1\.0-2-/);
});
