import type { BuildArguments } from "./evaluate.ts";
import { globalArguments } from "./evaluate.ts";
import type { Dockerfile, Stage } from "./model.ts";
import { expandWord, type Variables } from "./shell.ts";
import { isStageNumber, sourcesOf } from "./sources.ts";

/**
 * Indexes of the stages that the last one builds on or takes files from, and its own: no engine builds the others. What an image
 * outside of the Dockerfile leaves behind ONBUILD may need more.
 */
export function neededStages(dockerfile: Dockerfile, buildArgs: BuildArguments): ReadonlySet<number> {
  const globals = globalArguments(dockerfile, buildArgs);
  const { stages } = dockerfile;
  const needed = new Set<number>();
  const add = (index: number | undefined): void => {
    const stage = index === undefined || needed.has(index) ? undefined : stages[index];
    if (!stage) return;
    needed.add(stage.index);
    add(baseStage(stage, dockerfile, globals)?.index);
    for (const name of namesIn(stage)) add(isStageNumber(name) ? Number(name) : earlier(stages, stage.index, name));
    // A trigger may name a stage that stands behind the one that leaves it.
    for (const name of triggeredNames(stage)) add(earlier(stages, stages.length, name));
  };
  add(stages.length - 1);
  return needed;
}

/** The stage that a FROM names; undefined where it names an image. `globals`: of `globalArguments`. */
export function baseStage(
  { base, index }: Stage,
  { stages, escape }: Pick<Dockerfile, "stages" | "escape">,
  globals: Variables,
): Stage | undefined {
  const name = expandWord(base?.text ?? "", globals, { escape }).value;
  return stages.slice(0, index).findLast((each) => each.name === name);
}

const namesIn = ({ instructions }: Stage): string[] =>
  instructions.flatMap(sourcesOf).map(({ written }) => written.toLowerCase());

const triggeredNames = ({ instructions }: Stage): string[] =>
  instructions.flatMap(({ inner }) => (inner ? sourcesOf(inner) : [])).map(({ written }) => written.toLowerCase());

const earlier = (stages: readonly Stage[], before: number, name: string): number | undefined =>
  stages.slice(0, before).findLast((each) => each.name === name)?.index;
