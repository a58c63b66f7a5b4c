import type { Base } from "../catalogue/model.ts";
import { layerKey, scienceId } from "../naming/build-id.ts";
import type { Plan } from "../plan/model.ts";
import type { TemplateBase } from "./model.ts";
import type { Edit } from "./text-pieces.ts";

/** Marks every reference of a Dockerfile to be pinned; `scratch` is no image. */
export const baseEdits = (bases: readonly Base[], plan: Plan): Edit[] =>
  bases.flatMap((base) => {
    const target = templateBase(base, plan);
    return target ? [{ range: base.range, put: { base: target, final: base.final } }] : [];
  });

function templateBase({ name, source, place }: Base, plan: Plan): TemplateBase | undefined {
  if (source.kind === "scratch") return undefined;
  const built = source.kind === "parent" ? scienceBuildOf(plan, layerKey(source)) : undefined;
  return built ?? { kind: "named", name, source, at: place };
}

/** Undefined when the plan leaves that science image as it is. */
export function scienceBuildOf(plan: Plan, key: string): TemplateBase | undefined {
  const build = plan.builds.find((each) => each.id === scienceId(key));
  return build && { kind: "built", id: build.id };
}
