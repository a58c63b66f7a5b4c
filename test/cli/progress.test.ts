import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { liveProgress } from "../../src/cli/progress/live.ts";
import { plainProgress, quietProgress } from "../../src/cli/progress/plain.ts";
import { duration } from "../../src/cli/progress/progress.ts";
import { summaryText } from "../../src/cli/text/summary.ts";
import { error } from "../../src/diagnostics/diagnostic.ts";
import { plainStyle } from "../../src/diagnostics/style.ts";
import type { BuildResult } from "../../src/engines/run-model.ts";
import { sha256Digest } from "../../src/oci/digest.ts";

const imageOf = (id: string) => ({ id, reference: `REPO/${id}`, config: sha256Digest(id) });
const done = (id: string): BuildResult => ({
  id,
  outcome: "done",
  image: imageOf(id),
  seconds: 2.5,
  log: `/logs/${id}`,
});
const failed = (id: string): BuildResult => ({
  id,
  outcome: "failed",
  problems: [error("build-failed", "RUN false failed", { notes: [{ message: "the last\u001b[2J\nlines" }] })],
  seconds: 61,
  log: `/logs/${id}`,
});
const skipped = (id: string, because: string): BuildResult => ({ id, outcome: "skipped", because });

function recorder(columns?: number) {
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), isTerminal: columns !== undefined, columns };
  return { output, written, text: () => written.join("") };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("progress as a log", () => {
  it("has a line for each start and end, and no escape sequences", () => {
    const { output, text } = recorder();
    const progress = plainProgress(output, plainStyle);
    progress.started("science/a");
    progress.said("science/a", "Step 1/3");
    progress.finished(done("science/a"));
    progress.finished(skipped("science/b", "science/c"));
    progress.close();
    expect(text()).toBe("building science/a\nbuilt science/a (2.5s)\nskipped science/b: it is built on science/c\n");
  });

  it("says at once why a build failed, in the engine's words, and where its log is", () => {
    const { output, text } = recorder();
    plainProgress(output, plainStyle).finished(failed("science/a"));
    expect(text()).toBe(`failed science/a (1m 01s)
error[build-failed]: RUN false failed
  note: the last\\x1b[2J
    lines
  log: /logs/science/a
`);
  });

  it("has all that builds say with -vvv, and only failures with -q", () => {
    const [loud, quiet] = [recorder(), recorder()];
    for (const progress of [plainProgress(loud.output, plainStyle, true), quietProgress(quiet.output, plainStyle)]) {
      progress.started("science/a");
      progress.said("science/a", "Step 1/3");
      progress.finished(done("science/a"));
      progress.finished(failed("science/b"));
    }
    expect(loud.text()).toContain("science/a: Step 1/3\n");
    expect(quiet.text()).toMatch(/^failed science\/b/);
  });
});

describe("the summary", () => {
  it("counts, and names each build where not all is well", () => {
    expect(summaryText([done("science/a"), failed("science/b"), skipped("compat/b:1", "science/b")], plainStyle)).toBe(
      `1 built, 1 failed, 1 skipped
  done     science/a
  failed   science/b: see /logs/science/b
  skipped  compat/b:1: it is built on science/b
`,
    );
    expect(summaryText([done("science/a"), { id: "x", outcome: "present", image: imageOf("x") }], plainStyle)).toBe(
      "1 built, 1 kept\n",
    );
    expect(summaryText([], plainStyle)).toBe("");
  });
});

/** What a terminal shows in the end: follows "up n lines" and "erase below". */
function screen(text: string): string[] {
  const lines: string[] = [""];
  let row = 0;
  // oxlint-disable-next-line no-control-regex -- escape sequences are what is followed
  for (const [piece, up] of text.matchAll(/\u001b\[(\d+)A|\u001b\[0J|\u001b\[\?2026[hl]|\n|\r|[^\u001b\n\r]+/g)) {
    if (up !== undefined) row -= Number(up);
    else if (piece === "\u001b[0J") lines.splice(row);
    else if (piece === "\n") row += 1;
    else if (!piece.startsWith("\u001b") && piece !== "\r") lines[row] = (lines[row] ?? "") + piece;
  }
  return lines;
}

describe("progress on a terminal", () => {
  it("keeps finished builds above and running ones below", () => {
    const { output, text } = recorder(60);
    const progress = liveProgress(output, plainStyle);
    progress.started("science/a");
    progress.started("science/b");
    progress.said("science/b", "Step 1/3 : \u001b[31mFROM");
    vi.advanceTimersByTime(100);
    progress.finished(done("science/a"));
    progress.note("a warning\n");
    vi.advanceTimersByTime(100);
    expect(screen(text()).slice(0, 3)).toEqual([
      "built science/a (2.5s)",
      "a warning",
      "• science/b (0.2s) Step 1/3 : \\x1b[31mFROM",
    ]);
    progress.close();
    expect(screen(text()).filter(Boolean)).toEqual(["built science/a (2.5s)", "a warning"]);
  });

  it("never draws a line that the terminal would wrap", () => {
    const { output, text } = recorder(30);
    const progress = liveProgress(output, plainStyle);
    progress.started("science/a");
    progress.started(`science/${"b".repeat(80)}`);
    progress.said("science/a", "画像".repeat(50));
    vi.advanceTimersByTime(100);
    const width = (line: string): number => Array.from(line).reduce((sum, each) => sum + (each > "\u10ff" ? 2 : 1), 0);
    for (const line of screen(text())) expect(width(line)).toBeLessThan(31);
    progress.close();
  });

  it("does not write when nothing runs", () => {
    const { output, written } = recorder(60);
    const progress = liveProgress(output, plainStyle);
    vi.advanceTimersByTime(1000);
    progress.close();
    progress.close();
    expect(written).toEqual([]);
  });
});

describe("a duration", () => {
  it.each([
    [0.4, "0.4s"],
    [12.3, "12s"],
    [9.97, "10s"],
    [125, "2m 05s"],
  ])("of %d s reads %s", (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});
