import { describe, expect, it } from "vitest";
import type { AdoptedImage, Settings, WithdrawnImage } from "../../src/catalogue/model.ts";
import { composeBuilds } from "../../src/compose/compose.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { explainImage } from "../../src/plan/why.ts";
import { catalogue, changes, compat, science } from "../support/literal.ts";

const digest = `sha256:${"d".repeat(64)}`;
const old: AdoptedImage = { image: "x", version: "0.9", science: digest, target: "sci/x", compat: "jupyter" };
const world = (settings: Partial<Settings>, x = science("x")) =>
  catalogue([x, compat("jupyter", { includes: ["common"] }), compat("common")], settings);
const ids = (settings: Partial<Settings>, files: Parameters<typeof changes>[0], x = science("x")) =>
  makePlan(world(settings, x), changes(files)).builds.map(({ id }) => id);

describe("an adopted orphan", () => {
  it("is planned when a layer of its compat stack changed, and for nothing else", () => {
    expect(ids({ adopted: [old] }, ["compat/common/Dockerfile"])).toEqual(["compat/x:0.9", "compat/x:1.0"]);
    expect(ids({ adopted: [old] }, ["science/x/Dockerfile"])).toEqual(["science/x", "compat/x:1.0"]);
    expect(makePlan(world({ adopted: [old] }), changes([], { since: { kind: "all" } })).summary).toEqual({
      science: 1,
      compat: 2,
    });
  });

  it("is built on its own science image, also when a layer has taken over the target and is built now", () => {
    const plan = makePlan(world({ adopted: [old] }), changes(["science/x/Dockerfile", "compat/common/Dockerfile"]));
    const contexts = { "science/x": [], "compat/jupyter": [], "compat/common": [] };
    const builds = composeBuilds(plan, world({ adopted: [old] }), contexts);
    const base = (id: string) =>
      builds.find((each) => each.id === id)?.dockerfile.references.find(({ final }) => final)?.base;
    expect(plan.builds.find(({ id }) => id === "compat/x:0.9")).toMatchObject({
      dependsOn: [],
      fixed: { target: "x", digest },
    });
    expect(base("compat/x:0.9")).toEqual({
      kind: "named",
      name: `sci/x@${digest}`,
      source: { kind: "pinned", target: "x", digest },
    });
    expect(base("compat/x:1.0")).toEqual({ kind: "built", id: "science/x" });
  });

  it("is one no more when it is retired or defined again", () => {
    const files = ["compat/common/Dockerfile"];
    expect(ids({ adopted: [old] }, files, science("x", { retires: ["0.9"] }))).toEqual(["compat/x:1.0"]);
    expect(ids({ adopted: [{ ...old, version: "1.0" }] }, files)).toEqual(["compat/x:1.0"]);
  });

  it("can be asked about", () => {
    const made = world({ adopted: [old] });
    const [explained] = explainImage(made, makePlan(made, changes([])), {}, "x:0.9").builds;
    expect(explained).toMatchObject({ id: "compat/x:0.9", planned: false, rule: { number: "B17" } });
  });
});

describe("a withdrawal", () => {
  const entry: WithdrawnImage = { image: "x", tag: "1.0-41-aaaaaaa", reason: "bad" };
  const settingsFile = (before: object | undefined) => ({
    path: "image-builder.json",
    status: "modified" as const,
    uncommitted: false,
    ...(before && { before: `# settings\n${JSON.stringify(before)}` }),
  });

  it("proposes a new build once, in the range that brings it", () => {
    expect(ids({ withdrawn: [entry] }, [settingsFile(undefined)])).toEqual(["compat/x:1.0"]);
    expect(ids({ withdrawn: [entry] }, [settingsFile({ jobs: 2 })])).toEqual(["compat/x:1.0"]);
    expect(ids({ withdrawn: [entry] }, [settingsFile({ withdrawn: [entry] })])).toEqual([]);
    expect(ids({ withdrawn: [entry] }, [])).toEqual([]);
  });

  it("proposes one for an adopted orphan, too", () => {
    const settings = { adopted: [old], withdrawn: [{ ...entry, tag: "0.9-40-aaaaaaa" }] };
    expect(ids(settings, [settingsFile({})])).toEqual(["compat/x:0.9"]);
  });
});
