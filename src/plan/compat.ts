import { compatStack } from "../catalogue/check-compat.ts";
import type { Catalogue, CompatLayer, ScienceLayer } from "../catalogue/model.ts";
import { compatId } from "../naming/build-id.ts";
import type { Changed } from "./changed.ts";
import type { World } from "./make-plan.ts";
import type { Reason } from "./model.ts";

/** The compat stack of a layer by name, lowest first; worked out once for each name. */
export type Stacks = (name: string) => readonly CompatLayer[];

export function stacksOf({ compat }: Catalogue): Stacks {
  const byName = new Map(compat.map((each) => [each.name, each]));
  const known = new Map<string, readonly CompatLayer[]>();
  return (name) => {
    const stack = known.get(name) ?? compatStack(byName, name);
    known.set(name, stack);
    return stack;
  };
}

/** Why the interface of a final image is built: its science image is, or a layer of its stack changed (B19). Empty when it is not. */
export function compatReasons(
  { selection, stacks }: World,
  layer: ScienceLayer,
  scienceRebuilt: boolean,
  changed: Changed,
): Reason[] {
  if (selection.ignored.has(layer.directory)) return [];
  const science: Reason[] = scienceRebuilt ? [{ kind: "science-rebuilt", science: layer.target }] : [];
  const stack = stacks(layer.compat).flatMap((each) => changed.compat.get(each.name) ?? []);
  const own = changed.builds.get(compatId(layer)) ?? [];
  return distinct([...science, ...(changed.kept.get(layer.target) ?? []), ...own, ...stack]);
}

/** A stack of two layers that are both planned for "all" is one reason. */
export const distinct = (reasons: readonly Reason[]): Reason[] => [
  ...new Map(reasons.map((each) => [JSON.stringify(each), each])).values(),
];
