import { type Fragment, predefinedArguments } from "../catalogue/compat-fragments.ts";
import type { CompatLayer } from "../catalogue/model.ts";
import type { Instruction } from "../dockerfile/model.ts";
import { expandWord } from "../dockerfile/shell.ts";
import type { Edit } from "./text-pieces.ts";

/**
 * Writes the values of a layer's arguments into its ARG instructions. A composed Dockerfile holds many layers, and a
 * `--build-arg` or an ARG before the first FROM would reach all of them.
 */
export function argumentEdits(layer: CompatLayer, fragment: Fragment): Edit[] {
  const known = knownInStages(layer, fragment);
  const given = new Map(Object.entries(layer.args));
  return [
    ...fragment.stages.flatMap(({ instructions }) => valueEdits(instructions, given, known)),
    ...valueEdits(fragment.proper.instructions, given, known),
  ];
}

/** Arguments that need no ARG of the author's, as instructions for the start of each part; empty as a rule. */
export const predefinedLines = ({ args }: CompatLayer): string =>
  Object.entries(args)
    .filter(([name]) => predefinedArguments.has(name))
    .map(([name, value]) => `ARG ${name}=${quoteWord(value)}\n`)
    .join("");

const valueEdits = (
  instructions: readonly Instruction[],
  given: ReadonlyMap<string, string>,
  known: ReadonlyMap<string, string>,
): Edit[] =>
  instructions
    .filter(({ keyword }) => keyword === "ARG")
    .flatMap(({ pairs }) => pairs)
    .flatMap(({ key, value, range }) => {
      const put = given.get(key) ?? (value === undefined ? known.get(key) : undefined);
      return put === undefined ? [] : [{ range, put: `${key}=${quoteWord(put)}` }];
    });

/** What `ARG NAME` alone stands for in a stage: the default before the first FROM, or what the definition gives instead. */
function knownInStages(layer: CompatLayer, { metaArgs }: Fragment): ReadonlyMap<string, string> {
  const known = new Map<string, string>();
  for (const { key, value } of metaArgs.flatMap(({ pairs }) => pairs)) {
    const given = layer.args[key];
    if (given !== undefined) known.set(key, given);
    else if (value !== undefined) known.set(key, expandWord(value, known).value);
  }
  return known;
}

/** Between single quotes nothing is special to a Dockerfile but the single quote. */
const quoteWord = (text: string): string =>
  /^[\w.,:/@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`;
