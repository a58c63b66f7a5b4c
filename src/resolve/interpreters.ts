import { commandAt } from "./commands.ts";
import type { NameDifference } from "./model.ts";
import { compareNames, type ResolvedName, type ResolvedNames, type Sides } from "./names.ts";
import type { EnvironmentVariables, View } from "./view.ts";

/** By the first lines of commands, what runs them; undefined where that is not there. */
export type Interpreters = ReadonlyMap<string, ResolvedName | undefined>;

export function interpretersOf(commands: ResolvedNames, view: View, variables: EnvironmentVariables): Interpreters {
  const interpreters = new Map<string, ResolvedName | undefined>();
  for (const { real } of commands.values()) {
    const entry = view.facts.index.get(real);
    const fact = entry && view.fact(entry);
    if (fact?.kind !== "script" || interpreters.has(fact.interpreter)) continue;
    interpreters.set(fact.interpreter, commandAt(programOf(fact.interpreter), view, variables));
  }
  return interpreters;
}

/** `env` runs the first of its words that is no option and sets nothing. */
function programOf(line: string): string {
  const [program = "", ...words] = line.split(/[ \t]+/);
  const isEnv = /(?:^|\/)env$/.test(program);
  return (isEnv && words.find((word) => !word.startsWith("-") && !word.includes("="))) || program;
}

/** Of first lines that commands of both images have. What is known of a command by its name is not told again. */
export function compareInterpreters(
  [before, after]: readonly [Interpreters, Interpreters],
  commands: readonly NameDifference[],
  sides: Sides,
): NameDifference[] {
  const told = new Set(commands.flatMap((each) => (each.before ? [each.before.path] : [])));
  const shared = (all: Interpreters): ResolvedNames =>
    new Map(
      [...all].flatMap(([line, found]): [string, ResolvedName][] =>
        found && before.get(line) && after.has(line) && !told.has(before.get(line)?.path ?? "")
          ? [[`#!${line}`, found]]
          : [],
      ),
    );
  return compareNames("interpreter", [shared(before), shared(after)], sides);
}
