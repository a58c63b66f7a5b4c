import { printableLine } from "../../diagnostics/printable.ts";
import type { Style } from "../../diagnostics/style.ts";
import type { BuildResult } from "../../engines/run-model.ts";

const outcomes = [
  ["done", "built"],
  ["present", "kept"],
  ["failed", "failed"],
  ["skipped", "skipped"],
  ["stopped", "stopped"],
] as const;

/** After the last build: how many ended how and, where not all is well, which (B28). */
export function summaryText(results: readonly BuildResult[], style: Style): string {
  const counts = outcomes.flatMap(([outcome, word]) => {
    const count = results.filter((each) => each.outcome === outcome).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  if (counts.length === 0) return "";
  const troubled = results.some((each) => each.outcome !== "done" && each.outcome !== "present");
  return `${counts.join(", ")}\n${troubled ? results.map((each) => `  ${summaryLine(each, style)}\n`).join("") : ""}`;
}

function summaryLine(result: BuildResult, style: Style): string {
  const { id } = result;
  switch (result.outcome) {
    case "done":
    case "present":
      return `${style.green("done")}     ${id}`;
    case "failed":
      return `${style.red("failed")}   ${id}: see ${printableLine(result.log)}`;
    case "skipped":
      return `${style.yellow("skipped")}  ${id}: it is built on ${result.because}`;
    case "stopped":
      return `${style.yellow("stopped")}  ${id}`;
  }
}
