import { type ContextUse, contextProblems } from "../catalogue/check-context.ts";
import { untrackedAmong } from "../catalogue/left-out.ts";
import type { Catalogue } from "../catalogue/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { layerKey, scienceId } from "../naming/build-id.ts";
import type { Plan } from "../plan/model.ts";
import type { CatalogueState } from "./session.ts";

/** What instructions of a plan's builds will not find: errors where no build can go well, warnings where one copies nothing. */
export const missingSources = (plan: Plan, { catalogue, changes }: CatalogueState): Diagnostic[] =>
  contextProblems(catalogue, contextsIn(plan, catalogue), untrackedAmong(changes.untracked));

/** Interfaces with the same stack have one context. */
function contextsIn({ builds }: Plan, { science, compat }: Catalogue): ContextUse[] {
  const images = new Map(science.map((each) => [scienceId(layerKey(each)), each]));
  const interfaces = new Map(compat.map((each) => [each.name, each]));
  const stacks = new Map(
    builds.flatMap((each) => (each.kind === "compat" ? [[each.layers.join(" "), each.layers]] : [])),
  );
  const own = builds.flatMap((each) => (each.kind === "science" ? (images.get(each.id) ?? []) : []));
  return [
    ...own.map((each) => ({ layers: [each] })),
    ...[...stacks.values()].map((names) => ({ layers: names.flatMap((name) => interfaces.get(name) ?? []) })),
  ];
}
