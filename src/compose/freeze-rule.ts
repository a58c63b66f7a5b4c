import type { Exceptions } from "../catalogue/freeze.ts";
import type { CompatLayer, Settings } from "../catalogue/model.ts";
import type { FreezeRule } from "./model.ts";

/** Of the layers of a stack the topmost that says something has the last word, as with files; exceptions of all of them count. */
export function freezeRule(
  stack: readonly CompatLayer[],
  { freeze, mayChange, tests }: Pick<Settings, "freeze" | "mayChange" | "tests">,
  { science, scienceTests }: Pick<FreezeRule, "science" | "scienceTests">,
): FreezeRule {
  const mode = stack.findLast((layer) => layer.freeze !== undefined)?.freeze ?? freeze;
  const exceptions = Object.assign({}, mayChange, ...stack.map((layer) => layer.mayChange ?? {})) as Exceptions;
  return { mode, mayChange: exceptions, science, tests, scienceTests };
}
