import { lineRange, type Range } from "../diagnostics/text.ts";
import type { Dockerfile, Instruction, Stage } from "../dockerfile/index.ts";

/** What of a Dockerfile a line of an engine's output is about; undefined where that is nothing in this one. */
export type Blame = (dockerfile: Dockerfile) => Range | undefined;

/** Gets line by line what an engine says of one build, from the beginning on. Undefined for a line that is about nothing. */
type Listener = (line: string) => Blame | undefined;

export type Dialect = "buildkit" | "classic" | "buildah";

/** How each builder says which part of a Dockerfile it is at. */
export const dialects: Readonly<Record<Dialect, () => Listener>> = { buildkit, classic, buildah };

/**
 * `Dockerfile:12` above a frame with the lines, as of 23.0. What RUN prints has a number and a time before it.
 * https://github.com/docker/cli/blob/v23.0.0/cli/command/image/build_buildkit.go
 */
function buildkit(): Listener {
  let named: string | undefined;
  return (line) => {
    const framed = /^-{3,}$/.test(line) ? named : undefined;
    named = /^Dockerfile:(\d+)(?::\d+)?$/.exec(line)?.[1];
    return framed === undefined ? (parseError(line) ?? vertex(line)) : atLine(framed);
  };
}

/** `Step 3/7 : RUN make`: all instructions are counted, and labels of the command line behind them. */
function classic(): Listener {
  let last = 0;
  return (line) => {
    const [, step, keyword] = /^Step (\d+)\/\d+ : (\S+)/.exec(line) ?? [];
    // What RUN prints may look the same, but hardly goes on counting.
    if (Number(step) !== last + 1) return parseError(line);
    last += 1;
    return ({ instructions }) => rangeOf(instructions[Number(step) - 1], keyword);
  };
}

/** `[2/3] STEP 4/6: RUN make`, where there is more than one stage: FROM is the first step of each. */
function buildah(): Listener {
  let last = 0;
  return (line) => {
    const [, stage = "1", step, keyword] = /^(?:\[(\d+)\/\d+\] )?STEP (\d+)\/\d+: (\S+)/.exec(line) ?? [];
    if (Number(step) !== last + 1 && Number(step) !== 1) return undefined;
    last = Number(step);
    return ({ stages }) => {
      const { from, instructions = [] } = stages[Number(stage) - 1] ?? {};
      return rangeOf([from, ...instructions][Number(step) - 1], keyword);
    };
  };
}

function parseError(line: string): Blame | undefined {
  const [, number] =
    /^(?:ERROR: |Error response from daemon: |failed to ).*dockerfile parse error (?:on )?line (\d+)/i.exec(line) ?? [];
  return number === undefined ? undefined : atLine(number);
}

const atLine =
  (number: string): Blame =>
  ({ text }) =>
    lineRange(text, Number(number));

/**
 * ` > [stage-1 2/5] RUN make:`, the last that BuildKit of 20.10 says. The base counts where it is no other stage.
 * https://github.com/moby/buildkit/blob/v0.8.3/frontend/dockerfile/dockerfile2llb/convert.go
 */
function vertex(line: string): Blame | undefined {
  const [, name, step, total, said = ""] = /^ > \[(?:(\S+) +)?(\d+)\/(\d+)\] (.*)$/.exec(line) ?? [];
  if (step === undefined) return undefined;
  return ({ stages }) => {
    const stage = stages.find(
      (each) => (stages.length === 1 && name === undefined) || (each.name ?? `stage-${each.index}`) === name,
    );
    const steps = stage ? stepsOf(stage, stages) : [];
    const instruction = steps[Number(step) - 1];
    // Triggers of the base are not in the total, and shift what comes behind them.
    const isSaid = steps.length === Number(total) && instruction && says(said, instruction);
    return isSaid ? rangeOf(instruction, said.split(" ")[0]) : undefined;
  };
}

/** Variables come out as their values, and references in full. */
const says = (said: string, { keyword, args }: Instruction): boolean =>
  keyword === "FROM" || args.includes("$") || said.includes(args);

function stepsOf({ base, from, index, instructions }: Stage, stages: readonly Stage[]): Instruction[] {
  const name = base?.text.toLowerCase();
  const isOwn = name === "scratch" || stages.slice(0, index).some((each) => each.name === name);
  const steps = instructions.filter(({ keyword }) => ["RUN", "COPY", "ADD", "WORKDIR"].includes(keyword));
  return isOwn ? steps : [from, ...steps];
}

const rangeOf = (instruction: Instruction | undefined, keyword: string | undefined): Range | undefined =>
  instruction?.keyword === keyword?.toUpperCase() ? instruction?.range : undefined;
