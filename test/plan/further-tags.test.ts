import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { definitionsOf } from "../../src/judge/definitions.ts";
import { listedOrphans } from "../../src/judge/orphans.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { changes } from "../support/literal.ts";
import { compatFiles, type Files, folderOf, scienceFiles } from "../support/repository.ts";

const load = (files: Files) => loadCatalogue(folderOf({ ...compatFiles("jupyter"), ...files }));

/** What each build of a plan of all writes beside its unique tag. */
const tagsOf = (files: Files) =>
  makePlan(load(files), changes([], { since: { kind: "all" } })).builds.map(({ id, tags }) => [
    id,
    ...tags.slice(1).map((tag) => tag.split("/").slice(-2).join("/")),
  ]);

const tags = ["latest", "{major}", "{version}-{date}"];

describe("further tags", () => {
  it("are those of what users get, on the day of the commit", () => {
    expect(tagsOf(scienceFiles("a", "debian", { image: "a", version: "2.4", tags }))).toEqual([
      ["science/a", "sci/a:2.4"],
      ["compat/a:2.4", "rel/a:2.4", "rel/a:latest", "rel/a:2", "rel/a:2.4-2023-11-14"],
    ]);
  });

  it("are those of the science image where users get none, and only of the final layer", () => {
    const files = {
      ...scienceFiles("a", "debian", { image: "a", version: "2.4", compat: false, tags: ["a"] }),
      ...scienceFiles("b", "sci/a:2.4", { image: "a", version: "2.4", compat: false, tags: ["b"] }),
    };
    expect(tagsOf(files)).toEqual([
      ["science/a", "sci/a:2.4"],
      ["science/b", "sci/b:2.4", "sci/b:b"],
    ]);
  });

  it("change no science image that has an interface, when only they change", () => {
    const codes = (compat: unknown) => {
      const catalogue = load(scienceFiles("a", "debian", { image: "a", compat, tags: ["latest"] }));
      const before = JSON.stringify({ image: "a", version: "1.0", compat });
      const file = { path: "science/a/sciserver-image.json", status: "modified", uncommitted: false, before } as const;
      return makePlan(catalogue, changes([file])).warnings.map(({ code }) => code);
    };
    expect(codes("jupyter")).toEqual(["unreached-change"]);
    expect(codes(false)).toEqual([]);
  });

  it("are no image-versions that have lost their definition", () => {
    const definitions = definitionsOf(load(scienceFiles("a", "debian", { image: "a", version: "2.4", tags })));
    const list = ["2.4", "2.3", "latest", "2", "2.4-2020-01-01", "2.4-42-f90dbd6"];
    expect([...listedOrphans(definitions, { tags: new Map([["a", list]]) }).keys()]).toEqual(["a:2.3"]);
  });
});
