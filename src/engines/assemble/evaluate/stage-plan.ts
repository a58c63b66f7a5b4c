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

/**
 * The stages that the last one needs, in the order of the text. BuildKit builds no others. `triggers`: what is known of the instructions
 * that images leave behind ONBUILD for those who start from them, by the index of the stage that does.
 */
export function planStages(
  dockerfile: Dockerfile,
  globals: Variables,
  triggers: ReadonlyMap<number, readonly Instruction[]> = new Map(),
): PlannedStage[] {
  const planned = new Map<number, PlannedStage>();
  const add = (index: number): void => {
    if (!dockerfile.stages[index] || planned.has(index)) return;
    const plan = planStage(dockerfile, index, globals);
    planned.set(index, plan);
    const left = [
      ...stageTriggers(plan, dockerfile).flatMap(({ inner }) => inner ?? []),
      ...(triggers.get(index) ?? []),
    ];
    const sources = [plan.from, ...plan.copies.values(), ...triggeredSources(left, index, dockerfile)];
    for (const source of sources) if (source.kind === "stage") add(source.index);
  };
  add(dockerfile.stages.length - 1);
  return [...planned.values()].sort((a, b) => a.stage.index - b.stage.index);
}

/** What the stage of the same Dockerfile that it starts from, where it does, has left behind ONBUILD: the ONBUILD instructions. */
export function stageTriggers({ stage, from }: PlannedStage, { stages }: Dockerfile): Instruction[] {
  const below = from.kind === "stage" && from.index < stage.index ? (stages[from.index]?.instructions ?? []) : [];
  return below.filter(({ inner }) => inner !== undefined);
}

const triggeredSources = (left: readonly Instruction[], index: number, { stages }: Dockerfile): StageSource[] =>
  left.flatMap((instruction) => {
    const written = copySource(instruction);
    return written === undefined ? [] : [resolveName(written, index, stages, true)];
  });

/** Throws a RangeError where there is no such stage. */
export function planStage(dockerfile: Dockerfile, index: number, globals: Variables): PlannedStage {
  const stage = dockerfile.stages[index];
  if (!stage) throw new RangeError(`there is no stage ${index}`);
  const name = expandWord(stage.base?.text ?? "", globals, { escape: dockerfile.escape }).value;
  const copies = stage.instructions.flatMap((instruction) => {
    const from = copySource(instruction);
    return from === undefined ? [] : [[instruction, resolveName(from, stage.index, dockerfile.stages, true)] as const];
  });
  return { stage, from: resolveName(name, stage.index, dockerfile.stages, false), copies: new Map(copies) };
}

export const copySource = ({ keyword, flags }: Instruction): string | undefined =>
  keyword === "COPY" ? flags.find((flag) => flag.name === "from")?.value || undefined : undefined;

/** An earlier stage by name, for COPY also by number and whatever the case; anything else is an image. */
export function resolveName(name: string, before: number, stages: readonly Stage[], isCopy: boolean): StageSource {
  if (isCopy && /^[+-]?\d+$/.test(name)) return { kind: "stage", index: Number(name) };
  const wanted = isCopy ? name.toLowerCase() : name;
  const stage = stages.slice(0, before).findLast((each) => each.name === wanted);
  if (stage) return { kind: "stage", index: stage.index };
  return name === "scratch" ? { kind: "scratch" } : { kind: "image", reference: name };
}
