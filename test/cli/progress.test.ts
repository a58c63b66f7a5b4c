import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { liveProgress } from "../../src/cli/progress/live.ts";
import { plainProgress } from "../../src/cli/progress/plain.ts";
import { duration } from "../../src/cli/progress/progress.ts";
import { plainStyle } from "../../src/diagnostics/style.ts";

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
    vi.advanceTimersByTime(2500);
    progress.finished("science/a", { state: "done", detail: "REF" });
    progress.finished("science/b", { state: "skipped", detail: "science/c failed" });
    progress.close();
    expect(text()).toBe("building science/a\nbuilt science/a (2.5s): REF\nskipped science/b: science/c failed\n");
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
    progress.finished("science/a", { state: "done" });
    progress.note("a warning\n");
    vi.advanceTimersByTime(100);
    expect(screen(text()).slice(0, 3)).toEqual([
      "built science/a (0.1s)",
      "a warning",
      "• science/b (0.2s) Step 1/3 : \\x1b[31mFROM",
    ]);
    progress.close();
    expect(screen(text()).filter(Boolean)).toEqual(["built science/a (0.1s)", "a warning"]);
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
    expect(written).toEqual([]);
    progress.close();
  });
});

describe("a duration", () => {
  it.each([
    [400, "0.4s"],
    [12_300, "12s"],
    [125_000, "2m 05s"],
  ])("of %i ms reads %s", (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });
});
