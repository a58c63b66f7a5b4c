import { printableLine } from "../../diagnostics/printable.ts";
import type { Style } from "../../diagnostics/style.ts";
import { duration, type StepResult } from "./progress.ts";

const looks = {
  done: { word: "built", colour: "green" },
  kept: { word: "kept", colour: "green" },
  failed: { word: "failed", colour: "red" },
  skipped: { word: "skipped", colour: "yellow" },
} as const;

/** The line that stays when a build has ended: `built science/nist-basic (12s): REFERENCE`. */
export function finishedLine(id: string, result: StepResult, milliseconds: number | undefined, style: Style): string {
  const { word, colour } = looks[result.state];
  const time = milliseconds === undefined ? "" : ` (${duration(milliseconds)})`;
  const detail = result.detail === undefined ? "" : `: ${printableLine(result.detail)}`;
  return `${style[colour](word)} ${id}${time}${detail}\n`;
}
