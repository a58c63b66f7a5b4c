import {
  type Dockerfile,
  expandWord,
  type Instruction,
  type Stage,
  type Variables,
} from "../../../dockerfile/index.ts";

/** A stage with what it builds on and copies from worked out. */
export interface PlannedStage {
  readonly stage: Stage;
  readonly from: StageSource;
  /** For each COPY with `--from`. */
  readonly copies: ReadonlyMap<Instruction, StageSource>;
}

/** `stage`: an earlier stage of the same Dockerfile, by index. */
export type StageSource =
  | { readonly kind: "stage"; readonly index: number }
  | { readonly kind: "image"; readonly reference: string }
  | { readonly kind: "scratch" };

/** The stages that the last one needs, in the order of the text. BuildKit builds no others. */
export function planStages(dockerfile: Dockerfile, globals: Variables): PlannedStage[] {
  const planned = new Map<number, PlannedStage>();
  const add = (index: number): void => {
    const stage = dockerfile.stages[index];
    if (!stage || planned.has(index)) return;
    const plan = planStage(stage, dockerfile, globals);
    planned.set(index, plan);
    for (const source of [plan.from, ...plan.copies.values()]) if (source.kind === "stage") add(source.index);
  };
  add(dockerfile.stages.length - 1);
  return [...planned.values()].sort((a, b) => a.stage.index - b.stage.index);
}

function planStage(stage: Stage, dockerfile: Dockerfile, globals: Variables): PlannedStage {
  const name = expandWord(stage.base?.text ?? "", globals, { escape: dockerfile.escape }).value;
  const copies = stage.instructions.flatMap((instruction) => {
    const from = copySource(instruction);
    return from === undefined ? [] : [[instruction, resolveName(from, stage.index, dockerfile.stages, true)] as const];
  });
  return { stage, from: resolveName(name, stage.index, dockerfile.stages, false), copies: new Map(copies) };
}

export const copySource = ({ keyword, flags }: Instruction): string | undefined =>
  keyword === "COPY" ? flags.find((flag) => flag.name === "from")?.value : undefined;

/** An earlier stage by name, for COPY also by number and whatever the case; anything else is an image. */
export function resolveName(name: string, before: number, stages: readonly Stage[], isCopy: boolean): StageSource {
  if (isCopy && /^\d+$/.test(name)) return { kind: "stage", index: Number(name) };
  const wanted = isCopy ? name.toLowerCase() : name;
  const stage = stages.slice(0, before).findLast((each) => each.name === wanted);
  if (stage) return { kind: "stage", index: stage.index };
  return name === "scratch" ? { kind: "scratch" } : { kind: "image", reference: name };
}
