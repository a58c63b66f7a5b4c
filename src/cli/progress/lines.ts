import { printableLine } from "../../diagnostics/printable.ts";
import { renderDiagnostic } from "../../diagnostics/render.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { BuildResult } from "../../engines/run-model.ts";
import type { Examined } from "../../freeze/model.ts";
import { examinationLine, testsLine } from "../text/examined.ts";
import { duration } from "./progress.ts";

/** What stays when a build has ended: `built science/nist-basic (12s)`; for a failed one also why, and where its log is. */
export function finishedLines(result: BuildResult, style: Style): string {
  const { id } = result;
  switch (result.outcome) {
    case "done":
      return `${style.green("built")} ${id} (${duration(result.seconds)})\n${examinedLines(result.examined)}`;
    case "present":
      return `${style.green("kept")} ${id}: ${result.image.reference} holds the same already\n`;
    case "failed":
      return [
        `${style.red("failed")} ${id} (${duration(result.seconds)})\n`,
        ...result.problems.map((each) => renderDiagnostic(each, style)),
        `  log: ${printableLine(result.log)}\n`,
      ].join("");
    case "skipped":
      return `${style.yellow("skipped")} ${id}: it is built on ${result.because}\n`;
    case "stopped":
      return `${style.yellow("stopped")} ${id}\n`;
  }
}

/** What users of the science image get, and whether its tests have passed; nothing where nobody asked. */
function examinedLines(examined: Examined | undefined): string {
  if (!examined) return "";
  const { examination, tests } = examined;
  const why = examination?.problems[0];
  const resolves = examination && `${examinationLine(examination)}${why === undefined ? "" : `: ${why}`}`;
  const tested = testsLine(tests);
  return [resolves, tested].flatMap((line) => (line === undefined ? [] : [`  ${printableLine(line)}\n`])).join("");
}
