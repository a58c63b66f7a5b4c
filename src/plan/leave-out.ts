import { scienceId } from "../naming/build-id.ts";
import type { CompatBuild, Plan, PlannedBuild, Reason, ScienceBuild } from "./model.ts";

/**
 * The plan without some of its builds, and without those that were planned for the sake of these alone. What is left stands on
 * what is published of them.
 */
export function leaveOut(plan: Plan, ids: ReadonlySet<string>): Plan {
  const builds: PlannedBuild[] = [];
  const kept = new Set<string>();
  for (const build of plan.builds) {
    const dependsOn = build.dependsOn.filter((id) => kept.has(id));
    const reasons = build.reasons.filter((reason) => holds(reason, plan, kept));
    if (ids.has(build.id) || reasons.length === 0) continue;
    kept.add(build.id);
    builds.push({ ...build, dependsOn, reasons });
  }
  const held = [...(plan.held ?? []), ...plan.builds.flatMap(({ id }) => (kept.has(id) ? [] : [id]))].sort();
  return {
    ...plan,
    ...(held.length > 0 && { held }),
    builds,
    summary: {
      science: builds.filter((each): each is ScienceBuild => each.kind === "science").length,
      compat: builds.filter((each): each is CompatBuild => each.kind === "compat").length,
    },
  };
}

/** A reason that names a build of the plan holds as long as that is built. */
function holds(reason: Reason, { builds }: Plan, kept: ReadonlySet<string>): boolean {
  const key =
    reason.kind === "parent-rebuilt" ? reason.parent : reason.kind === "science-rebuilt" ? reason.science : undefined;
  const named = builds.find((each) => key !== undefined && each.id === scienceId(key));
  return named === undefined || kept.has(named.id);
}
