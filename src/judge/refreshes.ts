import { compatId, scienceId } from "../naming/build-id.ts";
import type { Crumb } from "../published/crumbs.ts";
import type { Definitions } from "./definitions.ts";
import type { Published } from "./model.ts";

/** Published parts that were built anew although nothing had changed (B52), by id of the build; others are not in it. */
export type Refreshes = ReadonlyMap<string, readonly Crumb[]>;

/** Read from the labels behind the stable tags; an interface tells of the science layers below it too. */
export function refreshesOf({ finals }: Definitions, { rel, sci }: Published): Refreshes {
  const science = [...sci].map(([target, reading]) => {
    const crumbs = reading.kind === "image" ? reading.image.crumbs.science : [];
    return [scienceId(target), crumbs.filter(({ name }) => name === target)] as const;
  });
  const users = [...finals].map(([key, layer]) => {
    const reading = rel.get(key);
    const { science: below = [], compat } = reading?.kind === "image" ? reading.image.crumbs : {};
    return [compatId(layer), compat ? [...below, compat] : below] as const;
  });
  const refreshed = [...science, ...users].map(
    ([id, crumbs]) => [id, crumbs.filter((each) => each.refreshed !== undefined)] as const,
  );
  return new Map(refreshed.filter(([, crumbs]) => crumbs.length > 0));
}
