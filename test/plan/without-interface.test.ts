import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { definitionsOf } from "../../src/judge/definitions.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { explainImage } from "../../src/plan/why.ts";
import { changes } from "../support/literal.ts";
import { compatFiles, type Files, folderOf, scienceFiles } from "../support/repository.ts";

const bare = (from: string, more: object = {}): Files =>
  scienceFiles("base", from, { image: "base", compat: false, ...more });

const load = (files: Files) => loadCatalogue(folderOf({ ...compatFiles("jupyter"), ...files }));

const all = { since: { kind: "all" } as const };

describe("a layer without interface", () => {
  const world = () => load({ ...bare("debian"), ...scienceFiles("top", "sci/base:1.0", { image: "top" }) });

  it("is built and published for others, and users do not get it", () => {
    const catalogue = world();
    expect(catalogue.diagnostics).toEqual([]);
    const { builds, summary } = makePlan(catalogue, changes([], all));
    expect(builds.map(({ id }) => id)).toEqual(["science/base", "science/top", "compat/top:1.0"]);
    expect(summary).toEqual({ science: 2, compat: 1 });
    expect([...definitionsOf(catalogue).finals.keys()]).toEqual(["top:1.0"]);
  });

  it("follows no change of an interface", () => {
    const { builds } = makePlan(world(), changes(["compat/jupyter/Dockerfile"]));
    expect(builds.map(({ id }) => id)).toEqual(["compat/top:1.0"]);
  });

  it("is explained by its image, too", () => {
    const catalogue = world();
    const plan = makePlan(catalogue, changes([], all));
    const ids = (name: string) => explainImage(catalogue, plan, {}, name).builds.map(({ id }) => id);
    expect(ids("base:1.0")).toEqual(["science/base"]);
    expect(ids("science/base")).toEqual(["science/base"]);
  });

  it("may lie below a layer of its image-version that has one", () => {
    const below = load({ ...bare("debian"), ...scienceFiles("top", "sci/base:1.0", { image: "base" }) });
    expect(makePlan(below, changes([], all)).builds.map(({ id }) => id)).toEqual([
      "science/base",
      "science/top",
      "compat/base:1.0",
    ]);
  });

  it("is the only other value of the key", () => {
    const problems = (compat: unknown) =>
      load(scienceFiles("x", "debian", { image: "x", compat })).diagnostics.map(
        ({ code, at }) => `${code} ${at?.line}`,
      );
    expect(problems(false)).toEqual([]);
    expect(problems(true)).toEqual(["wrong-value 4"]);
    expect(problems("false")).toEqual(["unknown-compat 4"]);
    expect(problems("")).toEqual(["wrong-value 4"]);
  });
});

describe("what users got is an orphan when", () => {
  const former = { directory: "science/base", image: "base", version: "1.0", target: "base", compat: "jupyter" };
  const file = "science/base/sciserver-image.json";
  const codes = (files: Files, was: readonly (typeof former)[], changed: string) =>
    makePlan(load(files), changes([changed], { formerDefinitions: was })).warnings.map(({ code }) => code);

  it("its layer loses the interface, and is none when that says so", () => {
    expect(codes(bare("debian"), [former], file)).toContain("orphaned-image");
    expect(codes(bare("debian", { retires: ["1.0"] }), [former], file)).not.toContain("orphaned-image");
    expect(codes(bare("debian"), [{ ...former, compat: "" }], file)).not.toContain("orphaned-image");
  });

  it("a layer without one is built on it", () => {
    const world = {
      ...scienceFiles("base", "debian", { image: "base" }),
      ...scienceFiles("top", "sci/base:1.0", { image: "base", compat: false }),
    };
    const top = "science/top/sciserver-image.json";
    expect(codes(world, [], top)).toContain("orphaned-image");
    expect(codes(world, [], "science/base/Dockerfile")).not.toContain("orphaned-image");
    expect(codes(world, [{ ...former, directory: "science/top", compat: "" }], top)).not.toContain("orphaned-image");
  });
});
