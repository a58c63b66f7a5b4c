import type { ScienceLayer } from "../catalogue/model.ts";
import { compatId } from "../naming/build-id.ts";
import type { Changed } from "./changed.ts";
import type { Reason } from "./model.ts";
import type { Planning } from "./planning.ts";

/** Why the interface of a final image is built: its science image is, or a layer of its stack changed (B19). Empty when it is not. */
export function compatReasons(
  { selection, stacks }: Planning,
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
