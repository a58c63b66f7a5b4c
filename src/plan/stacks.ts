import { compatStack } from "../catalogue/check-compat.ts";
import type { Catalogue, CompatLayer } from "../catalogue/model.ts";

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
