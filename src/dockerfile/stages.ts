import type { Findings } from "./findings.ts";
import { keywords } from "./keywords.ts";
import type { Instruction, Stage } from "./model.ts";

/** The stages of a Dockerfile and the ARG instructions before the first; what else stands there belongs to neither. */
export function splitStages(instructions: readonly Instruction[]): { metaArgs: Instruction[]; stages: Stage[] } {
  const metaArgs: Instruction[] = [];
  const stages: (Stage & { instructions: Instruction[] })[] = [];
  for (const instruction of instructions) {
    const stage = stages.at(-1);
    if (instruction.keyword === "FROM") stages.push(startStage(instruction, stages.length));
    else if (stage !== undefined) stage.instructions.push(instruction);
    else if (instruction.keyword === "ARG") metaArgs.push(instruction);
  }
  return { metaArgs, stages };
}

function startStage(from: Instruction, index: number): Stage & { instructions: Instruction[] } {
  const [base, as, name] = from.words;
  const platform = from.flags.find((flag) => flag.name === "platform")?.value;
  return {
    index,
    ...(as?.text.toLowerCase() === "as" && name !== undefined ? { name: name.text.toLowerCase() } : {}),
    from,
    ...(base === undefined ? {} : { base }),
    ...(platform === undefined ? {} : { platform }),
    instructions: [],
  };
}

/** Problems of the whole: no instruction, no FROM, instructions before it, two stages of one name. */
export function checkStages(instructions: readonly Instruction[], stages: readonly Stage[], findings: Findings): void {
  const [first] = instructions;
  if (first === undefined)
    return findings.error("no-instructions", "the Dockerfile holds no instruction", { start: 0, end: 0 });
  checkBeginning(instructions, findings);
  const tooMany = stages[mostStages];
  if (tooMany !== undefined)
    findings.error("too-many-stages", `the Dockerfile has more than ${mostStages} stages`, tooMany.from.range);
  const names = new Set<string>();
  for (const { name, from } of stages) {
    if (name === undefined) continue;
    if (names.has(name)) {
      findings.warning(
        "repeated-stage-name",
        `an earlier stage is called "${name}" too`,
        from.words[2]?.range ?? from.range,
      );
    }
    names.add(name);
  }
}

/** Each stage looks through those before it, and a chain of them is followed to its end. */
const mostStages = 1000;

function checkBeginning(instructions: readonly Instruction[], findings: Findings): void {
  const first = instructions.find((each) => each.keyword !== "ARG");
  // A misspelt FROM has been found already.
  if (first !== undefined && !keywords.has(first.keyword)) return;
  if (first === undefined) {
    const range = instructions[0]?.range ?? { start: 0, end: 0 };
    findings.error("no-from", "the Dockerfile has no FROM", range, "start it with FROM and the image to build on");
  } else if (first.keyword !== "FROM") {
    const message = `${first.keyword} stands before the first FROM, where only ARG may`;
    findings.error(
      "instruction-before-from",
      message,
      first.range,
      "start the Dockerfile with FROM and the image to build on",
    );
  }
}
