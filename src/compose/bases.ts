import type { Base } from "../catalogue/model.ts";
import type { Dockerfile } from "../dockerfile/model.ts";
import type { Plan } from "../plan/model.ts";
import type { TemplateBase } from "./model.ts";
import type { Edit } from "./text-pieces.ts";

/** Marks every reference of a Dockerfile to be pinned; `scratch` is no image. `finalStage` is the one whose base is the image's. */
export const baseEdits = (bases: readonly Base[], plan: Plan, finalStage: number | undefined): Edit[] =>
  bases.flatMap((base) => {
    const target = templateBase(base, plan);
    const final = base.via === "from" && base.stage === finalStage;
    return target ? [{ range: base.range, put: { base: target, final } }] : [];
  });

function templateBase({ name, source, place }: Base, plan: Plan): TemplateBase | undefined {
  if (source.kind === "scratch") return undefined;
  const built = source.kind === "parent" ? scienceBuildOf(plan, source.target) : undefined;
  return built ?? { kind: "named", name, source, at: place };
}

/** Undefined when the plan leaves that science image as it is. */
export function scienceBuildOf(plan: Plan, target: string): TemplateBase | undefined {
  const build = plan.builds.find((each) => each.kind === "science" && each.target === target);
  return build && { kind: "built", id: build.id };
}

/** Index of the stage that the last one goes back to by names of stages; its FROM names the base of the image. */
export function baseStage({ stages }: Dockerfile): number | undefined {
  let stage = stages.at(-1);
  for (;;) {
    const wanted = stage?.base?.text.toLowerCase();
    const earlier = stages.findLast(({ index, name }) => index < (stage?.index ?? 0) && name === wanted);
    if (!earlier) return stage?.index;
    stage = earlier;
  }
}
