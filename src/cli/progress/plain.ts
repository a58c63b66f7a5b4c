import { printableLine } from "../../diagnostics/printable.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { Output } from "../world.ts";
import { finishedLines } from "./lines.ts";
import type { Progress } from "./progress.ts";

/** One line when a build starts and one when it ends, for logs; with `everything` also all that builds say. */
export const plainProgress = (output: Output, style: Style, everything = false): Progress => ({
  started: (id) => output.write(`building ${id}\n`),
  said: (id, line) => (everything ? output.write(`${id}: ${printableLine(line)}\n`) : undefined),
  finished: (result) => output.write(finishedLines(result, style)),
  note: (text) => output.write(text),
  close() {},
});

/** Says nothing but what went wrong. */
export const quietProgress = (output: Output, style: Style): Progress => ({
  started() {},
  said() {},
  finished: (result) => (result.outcome === "failed" ? output.write(finishedLines(result, style)) : undefined),
  note() {},
  close() {},
});
