import { describe, expect, it } from "vitest";
import { error, warning } from "../../src/diagnostics/diagnostic.ts";
import { renderGithub } from "../../src/diagnostics/render-github.ts";
import { renderGitlab } from "../../src/diagnostics/render-gitlab.ts";
import { diagnosticDocument } from "../../src/diagnostics/render-json.ts";

const at = { file: "science/a,b:c/Dockerfile", line: 3, column: 6 };

describe("GitHub annotations", () => {
  it("escape what would end the property or the command", () => {
    const problem = error("unknown-parent", "100% wrong\nreally", { at, help: "mend: it" });
    expect(renderGithub([problem])).toBe(
      "::error file=science/a%2Cb%3Ac/Dockerfile,line=3,col=6,title=unknown-parent::100%25 wrong%0Areally%0Ahelp: mend: it\n",
    );
  });

  it("stand without a file where none is to blame", () => {
    expect(renderGithub([warning("no-answer", "silence")])).toBe("::warning title=no-answer::silence\n");
  });

  it("cannot be made to carry a second command", () => {
    const lines = renderGithub([error("x", "\n::set-output name=a::b\r::add-mask::c")])
      .trimEnd()
      .split("\n");
    expect(lines).toHaveLength(1);
  });
});

describe("GitLab's code quality report", () => {
  const findings = (...problems: Parameters<typeof renderGitlab>[0][number][]) =>
    JSON.parse(renderGitlab(problems)) as { fingerprint: string; location: unknown; severity: string }[];

  it("has what GitLab asks for", () => {
    expect(findings(error("unknown-parent", "m", { at, help: "h" }))[0]).toMatchObject({
      description: "m (h)",
      check_name: "unknown-parent",
      severity: "major",
      location: { path: at.file, lines: { begin: 3 } },
    });
  });

  it("knows a problem again on another line, and two equal problems apart", () => {
    const [first, second] = findings(error("a", "m", { at }), error("a", "m", { at: { ...at, line: 9 } }));
    const [moved] = findings(error("a", "m", { at: { ...at, line: 30 } }));
    expect(moved?.fingerprint).toBe(first?.fingerprint);
    expect(second?.fingerprint).not.toBe(first?.fingerprint);
  });

  it("is an empty array without problems", () => {
    expect(findings()).toEqual([]);
  });
});

describe("a problem in JSON", () => {
  it("has exactly the fields of the contract", () => {
    const excerpt = { text: "FROM", length: 4 };
    expect(diagnosticDocument(error("a", "m", { at, excerpt, help: "h" }))).toEqual({
      severity: "error",
      code: "a",
      message: "m",
      at,
      notes: [],
      help: "h",
    });
  });
});
