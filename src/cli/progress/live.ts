import { printableLine } from "../../diagnostics/printable.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { Output } from "../world.ts";
import { finishedLines } from "./lines.ts";
import { duration, type Progress } from "./progress.ts";

interface Running {
  readonly since: number;
  line: string;
}

const redrawEvery = 80;

/**
 * Lines that stay scroll up; below them one line for each running build is drawn again and again. Each redraw is one
 * write, as a synchronized update (`?2026`), so that terminals do not flicker.
 */
export function liveProgress(output: Output, style: Style): Progress {
  const running = new Map<string, Running>();
  let staying = "";
  let drawn = 0;
  const draw = (): void => {
    const block = blockOf(running, output.columns ?? 80, style);
    output.write(`\u001b[?2026h${eraseUp(drawn)}${staying}${block.map((line) => `${line}\n`).join("")}\u001b[?2026l`);
    staying = "";
    drawn = block.length;
  };
  const timer = setInterval(() => {
    if (running.size > 0 || staying !== "") draw();
  }, redrawEvery);
  timer.unref();
  return {
    started: (id) => void running.set(id, { since: performance.now(), line: "" }),
    said(id, line) {
      const build = running.get(id);
      if (build) build.line = line;
    },
    finished(result) {
      running.delete(result.id);
      staying += finishedLines(result, style);
    },
    note(text) {
      staying += text;
    },
    close() {
      clearInterval(timer);
      running.clear();
      if (drawn > 0 || staying !== "") draw();
    },
  };
}

/** To the start of the block that was drawn last, and everything below it gone. */
const eraseUp = (lines: number): string => (lines === 0 ? "" : `\u001b[${lines}A\r\u001b[0J`);

const tallest = 12;

function blockOf(running: ReadonlyMap<string, Running>, columns: number, style: Style): readonly string[] {
  const entries = [...running].slice(0, tallest);
  const lines = entries.map(([id, { since, line }]) => {
    const head = `${id} (${duration((performance.now() - since) / 1000)})`;
    const room = columns - head.length - 4;
    return room < 8
      ? head.slice(0, columns - 1)
      : `${style.cyan("•")} ${head} ${style.dim(cut(printableLine(line), room))}`;
  });
  return running.size > tallest ? [...lines, `  and ${running.size - tallest} more`] : lines;
}

/** Counts wide characters twice, so that no line wraps and spoils the count of lines. */
function cut(text: string, columns: number): string {
  let width = 0;
  let result = "";
  for (const character of text) {
    width += character > "\u10ff" ? 2 : 1;
    if (width > columns) break;
    result += character;
  }
  return result;
}
