import { describe, expect, it } from "vitest";
import type { Catalogue } from "../../src/catalogue/model.ts";
import type { ChangedFile } from "../../src/changes/model.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import type { PlanOptions } from "../../src/plan/planning.ts";
import { explainImage } from "../../src/plan/why.ts";
import { catalogue, changes, compat, science } from "../support/literal.ts";

const jupyter = [compat("jupyter", { includes: ["common"] }), compat("common")];
const chain = catalogue([
  science("a"),
  science("b", { from: "a" }),
  science("c", { from: "b" }),
  science("other"),
  ...jupyter,
]);

const idsOf = (world: Catalogue, files: readonly (string | ChangedFile)[], options?: PlanOptions) =>
  makePlan(world, changes(files), options).builds.map(({ id }) => id);

describe("a plan", () => {
  it("has the form of the plan document", () => {
    const world = catalogue([science("nist-basic", { image: "nist-basic" }), ...jupyter]);
    expect(makePlan(world, changes(["science/nist-basic/Dockerfile"]))).toEqual({
      formatVersion: 1,
      repo: "registry.example.org/images",
      commit: `f90dbd6${"0".repeat(33)}`,
      stamp: "42-f90dbd6",
      dirty: false,
      since: { kind: "git", range: "HEAD^..HEAD", base: "b".repeat(40) },
      builds: [
        {
          id: "science/nist-basic",
          kind: "science",
          directory: "science/nist-basic",
          target: "nist-basic",
          image: "nist-basic",
          version: "1.0",
          tags: [
            "registry.example.org/images/sci/nist-basic:1.0-42-f90dbd6",
            "registry.example.org/images/sci/nist-basic:1.0",
          ],
          dependsOn: [],
          reasons: [{ kind: "files-changed", files: ["science/nist-basic/Dockerfile"] }],
        },
        {
          id: "compat/nist-basic:1.0",
          kind: "compat",
          image: "nist-basic",
          version: "1.0",
          science: "nist-basic",
          layers: ["common", "jupyter"],
          tags: [
            "registry.example.org/images/rel/nist-basic:1.0-42-f90dbd6",
            "registry.example.org/images/rel/nist-basic:1.0",
          ],
          dependsOn: ["science/nist-basic"],
          reasons: [{ kind: "science-rebuilt", science: "nist-basic" }],
          replaced: [],
        },
      ],
      warnings: [],
      summary: { science: 1, compat: 1 },
    });
  });

  it("has what changed and all that is built on it, parents first", () => {
    expect(idsOf(chain, ["science/b/data"])).toEqual(["science/b", "science/c", "compat/b:1.0", "compat/c:1.0"]);
  });

  it("has only compat builds when a compat layer changed, also one that is included", () => {
    expect(idsOf(chain, ["compat/common/x"])).toEqual([
      "compat/a:1.0",
      "compat/b:1.0",
      "compat/c:1.0",
      "compat/other:1.0",
    ]);
  });

  it("has no compat build of a layer that another of its image-version is built on", () => {
    const same = { image: "x", version: "1.0" };
    const world = catalogue([science("one", same), science("two", { from: "one", ...same }), ...jupyter]);
    expect(idsOf(world, ["science/one/Dockerfile"])).toEqual(["science/one", "science/two", "compat/x:1.0"]);
  });

  it("has each layer once and behind all of its parents", () => {
    const world = catalogue([
      science("z"),
      science("left", { from: "z" }),
      science("right", { from: "z" }),
      science("a", { from: ["left", "right"] }),
      ...jupyter,
    ]);
    expect(
      idsOf(world, ["science/z/Dockerfile", "science/a/Dockerfile"]).filter((id) => id.startsWith("science")),
    ).toEqual(["science/z", "science/left", "science/right", "science/a"]);
  });

  it("is empty when nothing of the catalogue changed", () => {
    expect(idsOf(chain, ["image-builder.json"])).toEqual([]);
  });

  it("has everything for the first commit and for --since all", () => {
    const all = changes([], { since: { kind: "all" } });
    expect(makePlan(chain, all).summary).toEqual({ science: 4, compat: 4 });
    expect(makePlan(chain, all).builds[0]?.reasons).toEqual([{ kind: "all" }]);
    expect(
      makePlan(chain, changes([], { since: { kind: "nothing-to-compare", why: "first" } })).builds[0]?.reasons,
    ).toEqual([{ kind: "nothing-to-compare" }]);
  });

  it("stamps uncommitted content", () => {
    const head = { ...changes([]).head, dirty: true };
    const plan = makePlan(chain, changes(["science/c/Dockerfile"], { head }));
    expect(plan).toMatchObject({ dirty: true, stamp: "42-f90dbd6-dirty" });
    expect(plan.builds[0]?.tags[0]).toBe("registry.example.org/images/sci/c:1.0-42-f90dbd6-dirty");
  });

  it("names the files of a lower compat layer that a higher one replaces", () => {
    const file = (path: string) => ({ path, type: "file" as const, size: 1, executable: false });
    const files = [file("Dockerfile"), file("startup.sh"), file("left-out.sh")];
    const world = catalogue([
      science("a"),
      compat("jupyter", { includes: ["common"], files }),
      compat("common", { files }),
    ]);
    const plan = makePlan(world, changes(["science/a/Dockerfile"], { untracked: ["compat/common/left-out.sh"] }));
    expect(plan.builds[1]).toMatchObject({ replaced: [{ file: "startup.sh", by: "jupyter", of: "common" }] });
  });
});

describe("--include", () => {
  it("plans exactly these and what depends on them, whatever changed", () => {
    expect(idsOf(chain, ["science/other/x"], { include: ["science/c"] })).toEqual(["science/c", "compat/c:1.0"]);
    expect(idsOf(chain, [], { include: ["./compat/common/"] })).toEqual([
      "compat/a:1.0",
      "compat/b:1.0",
      "compat/c:1.0",
      "compat/other:1.0",
    ]);
  });

  it("refuses what is no layer", () => {
    expect(() => makePlan(chain, changes([]), { include: ["science/othr"] })).toThrow(
      '"science/othr" is no layer of this catalogue; did you mean "science/other"?',
    );
  });
});

describe("--ignore", () => {
  it("drops layers also as dependents, and says so", () => {
    const plan = makePlan(chain, changes(["science/a/Dockerfile"]), { ignore: ["science/b"] });
    expect(plan.builds.map(({ id }) => id)).toEqual(["science/a", "compat/a:1.0"]);
    expect(plan.warnings).toMatchObject([
      { code: "ignored-directories", message: "science/b is left out because of --ignore" },
    ]);
  });

  it("does not count the changes of a compat layer", () => {
    expect(idsOf(chain, ["compat/jupyter/x"], { ignore: ["compat/jupyter"] })).toEqual([]);
  });
});

describe("a change that cannot reach an image", () => {
  const layer = science("a", {
    dockerfile: { path: "science/a/Dockerfile", text: "# new\nFROM debian\nCOPY data /data\n" },
    ignore: { path: "science/a/.dockerignore", text: "*.md\n" },
  });
  const world = catalogue([layer, ...jupyter]);
  const changed = (path: string, before?: string): ChangedFile => ({
    path: `science/a/${path}`,
    status: "modified",
    uncommitted: false,
    ...(before !== undefined && { before }),
  });
  const verdict = (...files: ChangedFile[]) =>
    makePlan(world, changes(files))
      .warnings.map(({ message }) => message)
      .join();

  it.each([
    [
      "a comment of the Dockerfile",
      changed("Dockerfile", "# old\nFROM   debian\nCOPY data /data\n"),
      "only comments or white space",
    ],
    [
      "a description",
      changed("sciserver-image.json", '{"image":"a","version":"1.0","compat":"other","description":"x"}'),
      "no build reads",
    ],
    ["a file that .dockerignore drops", changed("README.md"), ".dockerignore drops"],
    ["a file that no instruction reads", changed("notes.txt"), "no instruction reads"],
  ])("is %s: the build is planned and the plan says so", (_, file, words) => {
    expect(verdict(file)).toContain(words);
    expect(idsOf(world, [file])).toEqual(["science/a", "compat/a:1.0"]);
  });

  it.each([
    ["an instruction", changed("Dockerfile", "FROM debian:12\nCOPY data /data\n")],
    [
      "a build argument",
      changed("sciserver-image.json", '{"image":"a","version":"1.0","compat":"jupyter","args":{"X":"1"}}'),
    ],
    ["a file below what an instruction reads", changed("data/table.csv")],
    ["which files are left out", changed(".dockerignore", "")],
    ["a new Dockerfile", changed("Dockerfile")],
  ])("is not %s", (_, file) => {
    expect(verdict(file)).toBe("");
  });

  it("is not a file whose name is written with the escape character of the Dockerfile", () => {
    const text = "# escape=`\nFROM debian\nCOPY no`tes.txt /x\n";
    const escaped = catalogue([{ ...layer, dockerfile: { path: "science/a/Dockerfile", text } }, ...jupyter]);
    expect(makePlan(escaped, changes([changed("notes.txt")])).warnings).toEqual([]);
  });

  it("plans only the compat build with --meaningful", () => {
    expect(idsOf(world, [changed("README.md")], { meaningful: true })).toEqual(["compat/a:1.0"]);
    expect(idsOf(world, [changed("README.md"), changed("data")], { meaningful: true })).toEqual([
      "science/a",
      "compat/a:1.0",
    ]);
  });
});

describe("an orphan", () => {
  const former = [{ directory: "science/a", image: "a", version: "0.9", target: "a", compat: "jupyter" }];
  const codesOf = (world: Catalogue) =>
    makePlan(world, changes([], { formerDefinitions: former })).warnings.map(({ code }) => code);

  it("is an image-version that has lost its definition", () => {
    expect(codesOf(chain)).toEqual(["orphaned-image"]);
  });

  it("is none when another layer defines it, or when it is retired", () => {
    expect(codesOf(catalogue([science("a"), science("b", { image: "a", version: "0.9" }), ...jupyter]))).toEqual([]);
    expect(codesOf(catalogue([science("a", { retires: ["0.9"] }), ...jupyter]))).toEqual([]);
  });
});

describe("why", () => {
  const why = (files: string[], image: string, options: PlanOptions = {}) =>
    explainImage(chain, makePlan(chain, changes(files), options), options, image).builds;

  it("tells the chain from an image to the changed file", () => {
    expect(why(["science/a/Dockerfile"], "c:1.0")).toEqual([
      {
        id: "compat/c:1.0",
        planned: true,
        chain: [
          { id: "compat/c:1.0", reason: { kind: "science-rebuilt", science: "c" } },
          { id: "science/c", reason: { kind: "parent-rebuilt", parent: "b" } },
          { id: "science/b", reason: { kind: "parent-rebuilt", parent: "a" } },
          { id: "science/a", reason: { kind: "files-changed", files: ["science/a/Dockerfile"] } },
        ],
      },
    ]);
  });

  it("tells the rule that keeps an image out", () => {
    expect(why(["science/b/Dockerfile"], "other:1.0")).toMatchObject([{ planned: false, rule: { number: "B19" } }]);
    expect(why(["science/b/Dockerfile"], "science/a")).toMatchObject([
      { id: "compat/a:1.0" },
      { id: "science/a", rule: { number: "B18" } },
    ]);
    expect(why(["science/b/Dockerfile"], "b:1.0", { ignore: ["science/b"] })).toMatchObject([
      { rule: { number: "B16" } },
    ]);
  });

  it("knows targets, images, directories and references", () => {
    for (const name of ["other", "science/other", "registry.example.org/images/rel/other:1.0", "compat/other:1.0"])
      expect(why([], name).map(({ id }) => id)).toContain("compat/other:1.0");
    expect(() => why([], "othr")).toThrow('did you mean "other"?');
  });
});
