import { describe, expect, it } from "vitest";
import { formatPlan } from "../../src/cli/text/plan-forms.ts";
import { warning } from "../../src/diagnostics/diagnostic.ts";
import type { CompatBuild, Plan, PlannedBuild, ScienceBuild } from "../../src/plan/model.ts";

const repo = "registry.example.org/images";

const science = (target: string, version: string, more: Partial<ScienceBuild> = {}): ScienceBuild => ({
  id: `science/${target}`,
  kind: "science",
  directory: `science/${target}`,
  target,
  image: "nist-basic",
  version,
  tags: [`${repo}/sci/${target}:${version}-42-f90dbd6`, `${repo}/sci/${target}:${version}`],
  dependsOn: [],
  reasons: [{ kind: "files-changed", files: [`science/${target}/Dockerfile`] }],
  ...more,
});

const compat = (on: ScienceBuild): CompatBuild => ({
  id: `compat/nist-basic:${on.version}`,
  kind: "compat",
  image: "nist-basic",
  version: on.version,
  science: on.target,
  layers: ["sciserver-common", "jupyter"],
  replaced: [{ file: "etc/motd", by: "jupyter", of: "sciserver-common" }],
  tags: [`${repo}/rel/nist-basic:${on.version}-42-f90dbd6`, `${repo}/rel/nist-basic:${on.version}`],
  dependsOn: [on.id],
  reasons: [{ kind: "science-rebuilt", science: on.target }],
});

const planOf = (builds: readonly PlannedBuild[], warnings: Plan["warnings"] = []): Plan => ({
  formatVersion: 1,
  repo,
  commit: "f90dbd6",
  stamp: "42-f90dbd6",
  dirty: false,
  since: { kind: "git", range: "HEAD^..HEAD" },
  builds,
  warnings,
  summary: {
    science: builds.filter((each) => each.kind === "science").length,
    compat: builds.filter((each) => each.kind === "compat").length,
  },
});

const first = science("nist-basic", "1.0");
const second = science("nist-basic-2", "2.0", {
  dependsOn: [first.id],
  reasons: [{ kind: "parent-rebuilt", parent: "nist-basic" }],
});
const example = planOf([first, second, compat(first), compat(second)]);

const threeLines = `change results in final image nist-basic => nist-basic:1.0-42-f90dbd6, nist-basic:1.0
change results in final image nist-basic => nist-basic:2.0-42-f90dbd6, nist-basic:2.0
final plan includes 2 science builds and 2 compat builds
`;

describe("the text of a plan", () => {
  it("is the three lines that scripts know, with -v or without", () => {
    expect(formatPlan(example, undefined, 0)).toBe(threeLines);
    expect(formatPlan(example, "text", 1)).toBe(threeLines);
  });

  it("adds with -vv every science build, with reasons, tags and parents", () => {
    expect(
      formatPlan(example, "text", 2),
    ).toBe(`change results in science image nist-basic => nist-basic:1.0-42-f90dbd6, nist-basic:1.0
  because science/nist-basic/Dockerfile changed
  tag ${repo}/sci/nist-basic:1.0-42-f90dbd6
  tag ${repo}/sci/nist-basic:1.0
change results in science image nist-basic-2 => nist-basic-2:2.0-42-f90dbd6, nist-basic-2:2.0
  because its parent nist-basic is rebuilt
  after science/nist-basic
  tag ${repo}/sci/nist-basic-2:2.0-42-f90dbd6
  tag ${repo}/sci/nist-basic-2:2.0
change results in final image nist-basic => nist-basic:1.0-42-f90dbd6, nist-basic:1.0
  because its science image nist-basic is rebuilt
  interface sciserver-common + jupyter on science image nist-basic
  file etc/motd of sciserver-common is replaced by jupyter
  after science/nist-basic
  tag ${repo}/rel/nist-basic:1.0-42-f90dbd6
  tag ${repo}/rel/nist-basic:1.0
change results in final image nist-basic => nist-basic:2.0-42-f90dbd6, nist-basic:2.0
  because its science image nist-basic-2 is rebuilt
  interface sciserver-common + jupyter on science image nist-basic-2
  file etc/motd of sciserver-common is replaced by jupyter
  after science/nist-basic-2
  tag ${repo}/rel/nist-basic:2.0-42-f90dbd6
  tag ${repo}/rel/nist-basic:2.0
final plan includes 2 science builds and 2 compat builds
`);
  });

  it("counts nothing where there is nothing to do", () => {
    expect(formatPlan(planOf([]), undefined, 0)).toBe("final plan includes 0 science builds and 0 compat builds\n");
  });

  it("shows the first files of many, and no control character of their names", () => {
    const files = Array.from({ length: 9 }, (_, index) => `science/a/\u001b[31m${index}`);
    const text = formatPlan(planOf([science("a", "1", { reasons: [{ kind: "files-changed", files }] })]), "text", 2);
    expect(text).toContain("science/a/\\x1b[31m4 and 4 more changed");
    expect(text).not.toContain("\u001b");
  });
});

describe("the plan for machines", () => {
  it("is the plan itself, with problems in their documented form", () => {
    const problem = warning("x", "y", { at: { file: "f", line: 1, column: 1 }, excerpt: { text: "t", length: 1 } });
    const plan = planOf([first], [problem]);
    const { excerpt: _, ...documented } = problem;
    expect(JSON.parse(formatPlan(plan, "json", 0))).toEqual({ ...plan, warnings: [documented] });
  });

  it("is a graph for Graphviz", () => {
    expect(formatPlan(planOf([first, compat(first)]), "dot", 0)).toBe(`digraph plan {
  rankdir=LR;
  "science/nist-basic" [label="sci/nist-basic:1.0", shape=box];
  "compat/nist-basic:1.0" [label="rel/nist-basic:1.0", shape=box, style=rounded];
  "science/nist-basic" -> "compat/nist-basic:1.0";
}
`);
  });

  it("is a graph for Mermaid", () => {
    expect(formatPlan(planOf([first, compat(first)]), "mermaid", 0)).toBe(`flowchart LR
  b0["sci/nist-basic:1.0"]
  b1(["rel/nist-basic:1.0"])
  b0 --> b1
`);
  });
});
