import { describe, expect, it } from "vitest";
import { cutOnly, cutShard, durationOf } from "../../src/plan/cut.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { Plan } from "../../src/plan/model.ts";
import { catalogue, changes, compat, science } from "../support/literal.ts";

const everything = (layers: Parameters<typeof catalogue>[0]): Plan =>
  makePlan(catalogue([...layers, compat("jupyter")]), { ...changes([]), since: { kind: "all" } });

const timed = (plan: Plan, seconds: Readonly<Record<string, number>>): Plan => ({
  ...plan,
  builds: plan.builds.map((each): Plan["builds"][number] => ({
    ...each,
    seconds: seconds[each.id] ?? durationOf(each),
  })),
});

const shards = (plan: Plan, count: number): string[][] =>
  Array.from({ length: count }, (_, at) => [...cutShard(plan, { number: at + 1, count })].sort());

const lengthOf = (plan: Plan, ids: readonly string[]): number =>
  plan.builds.filter(({ id }) => ids.includes(id)).reduce((sum, each) => sum + durationOf(each), 0);

describe("the shards of a plan", () => {
  const many = everything(Array.from({ length: 12 }, (_, at) => science(`s${at}`)));

  it("are together all of it, and keep an image with its interface", () => {
    const parts = shards(many, 4);
    expect(parts.flat().sort()).toEqual(many.builds.map(({ id }) => id).sort());
    for (const part of parts)
      for (const id of part.filter((each) => each.startsWith("compat/")))
        expect(part).toContain(id.replace("compat/", "science/").replace(":1.0", ""));
  });

  it("are of about the same length by what builds took", () => {
    const plan = timed(many, { "science/s0": 600, "science/s1": 300, "science/s2": 300 });
    const [a = 0, b = 0, c = 0] = shards(plan, 3).map((each) => lengthOf(plan, each));
    expect(Math.max(a, b, c)).toBeLessThanOrEqual(665);
  });

  it("hold what each of their builds is built on", () => {
    const plan = everything([science("base"), ...["a", "b", "c", "d"].map((each) => science(each, { from: "base" }))]);
    for (const part of shards(plan, 3))
      for (const { dependsOn } of plan.builds.filter(({ id }) => part.includes(id)))
        expect(part).toEqual(expect.arrayContaining([...dependsOn]));
  });

  it("do not build a long parent twice to win a short interface", () => {
    const plan = timed(everything([science("base"), science("a", { from: "base" })]), { "science/base": 600 });
    expect(shards(plan, 2).filter((part) => part.includes("science/base"))).toHaveLength(1);
  });

  it("may be empty where there are more of them than builds, and are the same whoever asks", () => {
    const plan = everything([science("a")]);
    expect(shards(plan, 3)).toEqual([["compat/a:1.0", "science/a"], [], []]);
    expect(shards(many, 5)).toEqual(shards(JSON.parse(JSON.stringify(many)) as Plan, 5));
  });
});

describe("a part of a plan by name", () => {
  it("is refused where the plan has no such build, with what may be meant", () => {
    const plan = everything([science("nist")]);
    expect([...cutOnly(plan, ["science/nist"])]).toEqual(["science/nist"]);
    expect(() => cutOnly(plan, ["science/nits"])).toThrow(/science\/nist/);
  });
});
