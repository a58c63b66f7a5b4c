import type { Range } from "../diagnostics/text.ts";
import type { Instruction } from "./model.ts";

/** A `--from=` of COPY or of `RUN --mount`. */
export interface Source {
  readonly via: "copy" | "mount";
  readonly written: string;
  readonly range: Range;
}

export function sourcesOf(instruction: Instruction): Source[] {
  if (instruction.keyword === "COPY") {
    const flag = instruction.flags.find((each) => each.name === "from");
    if (!flag?.value || flag.valueRange === undefined) return [];
    return [{ via: "copy", written: flag.value, range: flag.valueRange }];
  }
  if (instruction.keyword !== "RUN") return [];
  return instruction.flags.flatMap((flag) => {
    const field = flag.fields?.findLast((each) => each.key === "from");
    return field?.value ? [{ via: "mount" as const, written: field.value, range: field.range }] : [];
  });
}

/** As Go's Atoi takes it. */
export const isStageNumber = (text: string): boolean => /^[+-]?\d+$/.test(text);
