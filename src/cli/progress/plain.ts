import type { Style } from "../../diagnostics/style.ts";
import type { Output } from "../world.ts";
import { finishedLine } from "./lines.ts";
import type { Progress } from "./progress.ts";

/** One line when a build starts and one when it ends, for logs. */
export function plainProgress(output: Output, style: Style): Progress {
  const startedAt = new Map<string, number>();
  return {
    started(id) {
      startedAt.set(id, performance.now());
      output.write(`building ${id}\n`);
    },
    said() {},
    finished(id, result) {
      const start = startedAt.get(id);
      output.write(finishedLine(id, result, start === undefined ? undefined : performance.now() - start, style));
    },
    note: (text) => output.write(text),
    close() {},
  };
}

/** Says nothing but what must be said. */
export const quietProgress = (output: Output): Progress => ({
  started() {},
  said() {},
  finished() {},
  note: (text) => output.write(text),
  close() {},
});
