import { describe, expect, it } from "vitest";
import { formatPlan } from "../../src/cli/text/plan-forms.ts";
import type { Plan, PlannedBuild } from "../../src/plan/model.ts";

const build = (name: string, file = `science/${name}/Dockerfile`): PlannedBuild => ({
  id: `compat/${name}:1.0`,
  kind: "compat",
  image: name,
  version: "1.0",
  science: name,
  layers: ["jupyter"],
  replaced: [],
  tags: [`registry.example.org/rel/${name}:1.0-42-f90dbd6`, `registry.example.org/rel/${name}:1.0`],
  dependsOn: [`science/${name}`],
  reasons: [{ kind: "files-changed", files: [file] }],
});

const planOf = (builds: readonly PlannedBuild[]): Plan => ({
  formatVersion: 1,
  repo: "registry.example.org",
  commit: "f90dbd6",
  stamp: "42-f90dbd6",
  dirty: false,
  since: { kind: "git", range: "HEAD^..HEAD" },
  builds,
  warnings: [],
  summary: { science: 0, compat: builds.length },
});

const markdown = (...builds: PlannedBuild[]): string => formatPlan(planOf(builds), "markdown", 0);

describe("a plan as Markdown", () => {
  it("begins with the mark by which its comment is found again, and shows each image with its reasons", () => {
    expect(markdown(build("nist")).split("\n")).toEqual([
      "<!-- image-builder plan -->",
      "### What image-builder would do",
      "",
      "0 science builds and 1 interface build, for 42-f90dbd6.",
      "",
      "| image | new tag | why |",
      "| --- | --- | --- |",
      "| `nist:1.0` | `1.0-42-f90dbd6` | science/nist/Dockerfile changed |",
      "",
      "<details><summary>Every build, in order</summary>",
      "",
      "- `compat/nist:1.0`: science/nist/Dockerfile changed (after `science/nist`)",
      "",
      "</details>",
      "",
    ]);
  });

  it("says so where nothing is to be built", () => {
    expect(markdown()).toContain("Nothing is to be built.");
  });

  it("shows names of files as they are, whatever stands in them", () => {
    const said = markdown(build("nist", "science/nist/<img src=x> | [a](http://b) @team `x` **y**\n# z"));
    expect(said).not.toMatch(/<img|\[a\]\(|http:\/\/|@team|\*\*y/);
    expect(said.split("\n").filter((line) => line.startsWith("| `"))).toHaveLength(1);
    expect(said).not.toMatch(/^# z/m);
  });

  it("stays below what a comment may have, and says how much was left out", () => {
    const said = markdown(...Array.from({ length: 5000 }, (_, at) => build(`image-${at}`)));
    expect(said.length).toBeLessThan(60_000);
    expect(said).toMatch(/… and \d+ images more\./);
    expect(said).toMatch(/… and \d+ builds more\./);
  });
});
