import type { CompatLayer, InterfacedLayer } from "../catalogue/model.ts";
import { compatId, layerKey, scienceId } from "../naming/build-id.ts";
import type { Reason } from "./model.ts";
import type { Changed, Planning } from "./planning.ts";

/** Planned science images by key, as far as an interface needs to know. */
type PlannedLayers = Pick<ReadonlyMap<string, unknown>, "has">;

/** Why the interface of a final image is built: its science image is, or a layer of its stack changed (B19). Empty when it is not. */
export function compatReasons(
  { selection, stacks }: Planning,
  layer: InterfacedLayer,
  planned: PlannedLayers,
  changed: Changed,
): Reason[] {
  if (selection.ignored.has(layer.directory)) return [];
  const { compat } = layer;
  const key = layerKey(layer);
  const science: Reason[] = planned.has(key) ? [{ kind: "science-rebuilt", science: key }] : [];
  const own = changed.builds.get(compatId(layer)) ?? [];
  const kept = changed.kept.get(key) ?? [];
  return distinct([...science, ...kept, ...own, ...stackReasons(stacks(compat), key, planned, changed)]);
}

/** What a stack gives as reasons: its layers changed, or a science image that it copies from is built. */
export const stackReasons = (
  stack: readonly CompatLayer[],
  below: string,
  planned: PlannedLayers,
  changed: Changed,
): Reason[] => [
  ...copiedLayers(stack)
    .filter((each) => each !== below && planned.has(each))
    .map((parent): Reason => ({ kind: "parent-rebuilt", parent })),
  ...stack.flatMap(({ name }) => changed.compat.get(name) ?? []),
];

/** Ids of the planned science images that an interface needs: the one below it, and those that its stack copies from. */
export const compatEdges = (
  stack: readonly CompatLayer[],
  below: string | undefined,
  planned: PlannedLayers,
): string[] =>
  [...new Set([...(below === undefined ? [] : [below]), ...copiedLayers(stack)])]
    .filter((each) => planned.has(each))
    .map(scienceId);

/** Keys of the science layers that a stack copies from, sorted. */
export const copiedLayers = (stack: readonly CompatLayer[]): string[] =>
  [
    ...new Set(
      stack.flatMap(({ bases }) => bases.flatMap(({ source }) => (source.kind === "parent" ? [layerKey(source)] : []))),
    ),
  ].sort();

/** A stack of two layers that are both planned for "all" is one reason. */
export const distinct = (reasons: readonly Reason[]): Reason[] => [
  ...new Map(reasons.map((each) => [JSON.stringify(each), each])).values(),
];
