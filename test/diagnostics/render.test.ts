import { describe, expect, it } from "vitest";
import { error, warning } from "../../src/diagnostics/diagnostic.ts";
import { countProblems, renderDiagnostic, renderDiagnostics } from "../../src/diagnostics/render.ts";
import { colourStyle } from "../../src/diagnostics/style.ts";

const unknownParent = error("unknown-parent", 'science image "nist-basic" has version 1.0, not 1.1', {
  at: { file: "science/nist-basic-2/Dockerfile", line: 3, column: 6 },
  excerpt: { text: "FROM sci/nist-basic:1.1", length: 18 },
  notes: [
    {
      message: '"nist-basic" is defined here',
      at: { file: "science/nist-basic/sciserver-image.json", line: 3, column: 14 },
    },
  ],
  help: 'write "FROM sci/nist-basic:1.0", or name a registry in full to start from an image this catalogue does not build',
});

describe("a problem as text", () => {
  it("has the place, the line with a mark, notes with their own places, and a help", () => {
    expect(renderDiagnostic(unknownParent)).toBe(
      `science/nist-basic-2/Dockerfile:3:6: error[unknown-parent]: science image "nist-basic" has version 1.0, not 1.1
  3 | FROM sci/nist-basic:1.1
    |      ^^^^^^^^^^^^^^^^^^
  note: science/nist-basic/sciserver-image.json:3:14: "nist-basic" is defined here
  help: write "FROM sci/nist-basic:1.0", or name a registry in full to start from an image this catalogue does not build
`,
    );
  });

  it("stands without a place where no file is to blame", () => {
    expect(renderDiagnostic(warning("no-answer", "the registry does not answer"))).toBe(
      "warning[no-answer]: the registry does not answer\n",
    );
  });

  it("keeps the outside's words of several lines below their note", () => {
    const failure = error("git-failed", "git failed", { notes: [{ message: "fatal: one\r\nfatal: two\n" }] });
    expect(renderDiagnostic(failure)).toBe("error[git-failed]: git failed\n  note: fatal: one\n    fatal: two\n");
  });

  it("is coloured only when asked", () => {
    expect(renderDiagnostic(unknownParent)).not.toContain("\u001b");
    expect(renderDiagnostic(unknownParent, colourStyle)).toContain("\u001b[31merror[unknown-parent]\u001b[39m");
  });

  it("never sends control characters of the input to the terminal", () => {
    const hostile = "\u001b]0;title\u0007\u009b31m\u202egnp.exe\udc80\u0008";
    const text = renderDiagnostic(
      error("bad-name", hostile, {
        at: { file: hostile, line: 1, column: 1 },
        excerpt: { text: hostile, length: 3 },
        notes: [{ message: hostile }],
        help: hostile,
      }),
    );
    expect(text).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}|\p{Surrogate}/u);
    expect(text).toContain("\\x1b]0;title\\x07\\x9b31m\\u202egnp.exe\\x80\\x08");
  });

  it("cannot be made to look like two problems by a file name", () => {
    const text = renderDiagnostic(error("x", "y", { at: { file: "a\nb:1:1: error[z]: w", line: 1, column: 1 } }));
    expect(text.split("\n")).toHaveLength(2);
  });
});

describe("the mark", () => {
  const mark = (text: string, column: number, length: number): string[] =>
    renderDiagnostic(error("x", "y", { at: { file: "f", line: 12, column }, excerpt: { text, length } }))
      .split("\n")
      .slice(1, 3);

  it("stands below the text it means behind tabs", () => {
    expect(mark("\tFROM x", 7, 1)).toEqual(["  12 | \tFROM x", "     | \t     ^"]);
  });

  it("stands below the text it means behind wide characters", () => {
    expect(mark("画像 x", 4, 1)).toEqual(["  12 | 画像 x", "     |      ^"]);
  });

  it("is at least one character long, behind the end of the line too", () => {
    expect(mark("abc", 4, 0)).toEqual(["  12 | abc", "     |    ^"]);
  });

  it("shows a window of a line that is far too long", () => {
    const [line, carets] = mark(`${"a".repeat(1e6)}HERE${"b".repeat(1e6)}`, 1e6 + 1, 4);
    expect(line?.length).toBeLessThan(200);
    expect(line?.slice(carets?.indexOf("^"), (carets?.lastIndexOf("^") ?? 0) + 1)).toBe("HERE");
  });
});

describe("the last line", () => {
  it("counts errors and warnings", () => {
    const problems = [error("a", "a"), error("b", "b"), error("c", "c"), warning("d", "d")];
    expect(countProblems(problems)).toBe("3 errors, 1 warning");
    expect(countProblems(problems.slice(3))).toBe("1 warning");
    expect(countProblems([])).toBe("no problems");
  });

  it("closes the list of problems, and no problems print nothing", () => {
    expect(renderDiagnostics([error("a", "b")])).toBe("error[a]: b\n1 error\n");
    expect(renderDiagnostics([])).toBe("");
  });
});
