import { nearest } from "../diagnostics/suggest.ts";
import type { Range } from "../diagnostics/text.ts";
import type { Findings } from "./findings.ts";
import type { Stage } from "./model.ts";
import { isStageNumber, type Source, sourcesOf } from "./sources.ts";

/**
 * Finds each `--from=` that names the stage it stands in, a later one, a number that no stage has, or that misspells the name of a
 * stage, as FROM may.
 */
export function checkStageSources(stages: readonly Stage[], findings: Findings): void {
  const last = new Map(stages.flatMap(({ name, index }) => (name === undefined ? [] : [[name, index] as const])));
  const earlier = new Set<string>();
  for (const { name, index, instructions, base } of stages) {
    if (base !== undefined && !earlier.has(base.text)) checkSlip(base.text, base.range, earlier, stages, findings);
    const flagged = instructions.filter(({ flags }) => flags.length > 0);
    for (const source of flagged.flatMap(sourcesOf)) {
      const target = stageOf(source, last, earlier);
      if (target === undefined) checkSlip(source.written, source.range, earlier, stages, findings);
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

/** What is no stage is an image, and nobody would know: unless a FROM names that image, it is taken for a slip of the pen. */
function checkSlip(
  written: string,
  range: Range,
  earlier: ReadonlySet<string>,
  stages: readonly Stage[],
  findings: Findings,
): void {
  if (earlier.size === 0 || earlier.has(written.toLowerCase()) || !/^[a-z0-9][\w.-]{3,}$/i.test(written)) return;
  const stage = nearest(written, earlier);
  const isImage = stages.some(
    ({ base }) => base !== undefined && base.range !== range && imageOf(base.text) === written,
  );
  if (stage === undefined || isImage) return;
  const message = `no stage is called "${written}", so that it is an image of Docker Hub; did you mean "${stage}"?`;
  const help = `write "${stage}", or "docker.io/library/${written}" if the image is meant`;
  findings.warning("unknown-stage", message, range, help);
}

/** The last name of a path, without tag and digest. */
const imageOf = (reference: string): string | undefined => /([^/:@]+)(?::[^/]*)?(?:@.*)?$/.exec(reference)?.[1];
