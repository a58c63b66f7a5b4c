import type { Findings } from "./findings.ts";
import type { Stage } from "./model.ts";
import { isStageNumber, type Source, sourcesOf } from "./sources.ts";

/** Finds each `--from=` that names the stage it stands in, a later one, or a number that no stage has. */
export function checkStageSources(stages: readonly Stage[], findings: Findings): void {
  const last = new Map(stages.flatMap(({ name, index }) => (name === undefined ? [] : [[name, index] as const])));
  const earlier = new Set<string>();
  for (const { name, index, instructions } of stages) {
    const flagged = instructions.filter(({ flags }) => flags.length > 0);
    for (const source of flagged.flatMap(sourcesOf)) {
      const target = stageOf(source, last, earlier);
      if (target === undefined || (target >= 0 && target < index)) continue;
      if (target < 0 || target >= stages.length) {
        findings.error("no-such-stage", `there is no stage ${source.written}: the first one is 0`, source.range);
      } else if (target === index) {
        findings.error("stage-uses-itself", `the stage "${source.written}" is the one it is used in`, source.range);
      } else {
        // BuildKit minds only where the stage is needed, so this may do no harm.
        findings.warning(
          "stage-defined-later",
          `the stage "${source.written}" is not defined before it is used`,
          source.range,
        );
      }
    }
    if (name !== undefined) earlier.add(name);
  }
}

function stageOf(
  { via, written }: Source,
  last: ReadonlyMap<string, number>,
  earlier: ReadonlySet<string>,
): number | undefined {
  if (via === "copy" && isStageNumber(written)) return Number(written);
  const name = written.toLowerCase();
  return earlier.has(name) ? undefined : last.get(name);
}
