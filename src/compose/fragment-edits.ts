import type { Fragment } from "../catalogue/compat-fragments.ts";
import type { CompatLayer } from "../catalogue/model.ts";
import type { Range } from "../diagnostics/text.ts";
import type { Instruction, Stage } from "../dockerfile/model.ts";
import { argumentEdits } from "./arguments.ts";
import type { Edit } from "./text-pieces.ts";

/**
 * What makes a compat layer's text fit for its place among others: stages get the names that are theirs in the stack, whatever
 * names them follows, and arguments have their values written in. `names` are the stages' new names.
 */
export function fragmentEdits(layer: CompatLayer, fragment: Fragment, names: readonly string[]): Edit[] {
  const { stages, proper } = fragment;
  return [
    ...(layer.dockerfile.text.startsWith("\ufeff") ? [{ range: { start: 0, end: 1 }, put: "" }] : []),
    ...fragment.metaArgs.map(({ range }) => ({ range, put: "" })),
    ...stages.map((stage, index) => nameEdit(stage, names[index] ?? "")),
    ...stages.flatMap((stage, index) => stageUses(stage.instructions, stages, names, index)),
    ...stages.flatMap((stage, index) => ofStage(stage.base?.text, stage.base?.range, stages, names, index)),
    ...stageUses(proper.instructions, stages, names, stages.length),
    ...argumentEdits(layer, fragment),
  ];
}

/** `FROM x AS ui` gets another name behind AS, and a FROM without name gets one. */
function nameEdit({ from, base }: Stage, name: string): Edit {
  const [, as, old] = from.words;
  if (old && as?.text.toLowerCase() === "as") return { range: old.range, put: name };
  const end = base?.range.end ?? from.range.end;
  return { range: { start: end, end }, put: ` AS ${name}` };
}

const stageUses = (
  instructions: readonly Instruction[],
  stages: readonly Stage[],
  names: readonly string[],
  before: number,
): Edit[] =>
  instructions.flatMap(({ flags }) =>
    flags.flatMap((flag) => {
      if (flag.name === "from") return ofCounted(flag.value, flag.valueRange, stages, names, before);
      return (flag.fields ?? [])
        .filter(({ key }) => key === "from")
        .flatMap(({ value, range }) => ofStage(value, range, stages, names, before));
    }),
  );

/** COPY may also count stages; a number in a mount is an image. */
const ofCounted: typeof ofStage = (written, range, stages, names, before) => {
  const isNumber = written !== undefined && /^\d+$/.test(written);
  const name = isNumber && Number(written) < before ? names[Number(written)] : undefined;
  return name === undefined || range === undefined
    ? ofStage(written, range, stages, names, before)
    : [{ range, put: name }];
};

/** A stage is known by name to what comes after it; to what comes before, the name is an image's. */
function ofStage(
  written: string | undefined,
  range: Range | undefined,
  stages: readonly Stage[],
  names: readonly string[],
  before: number,
): Edit[] {
  if (written === undefined || range === undefined) return [];
  const index = stages.slice(0, before).findLastIndex((stage) => stage.name === written.toLowerCase());
  const name = names[index];
  return name === undefined ? [] : [{ range, put: name }];
}
