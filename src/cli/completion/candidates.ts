import type { CatalogueNames } from "../../catalogue/names.ts";
import type { ArgumentSpec, Command } from "../command.ts";
import { commonOptions } from "../common-options.ts";
import { readLine } from "../line.ts";
import { type OptionSpec, takesValue } from "../option.ts";

/**
 * What may stand in the place of the last word, which is what was typed of it so far. An empty list leaves it to the
 * shell, which completes file names. `names` is only asked for where names of the catalogue may stand.
 */
export function candidates(
  words: readonly string[],
  commands: readonly Command[],
  names: () => CatalogueNames,
): string[] {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const { command, options, open, seen } = readBefore(before, commands);
  if (open) return startingWith(current, valuesOf(open, names));
  const equals = current.startsWith("--") ? current.indexOf("=") : -1;
  if (equals !== -1) {
    const option = options.get(current.slice(0, equals));
    return startingWith(
      current,
      option ? valuesOf(option, names).map((each) => current.slice(0, equals + 1) + each) : [],
    );
  }
  if (current.startsWith("-"))
    return startingWith(
      current,
      [...options.keys(), "--help"].filter((each) => each.startsWith("--")),
    );
  if (command === undefined)
    return startingWith(
      current,
      commands.map((each) => each.name),
    );
  const argument = command.arguments[seen] ?? command.arguments.findLast((each) => each.many);
  return startingWith(current, argument ? argumentValues(argument, names) : []);
}

interface Before {
  readonly command: Command | undefined;
  /** By spelling. */
  readonly options: ReadonlyMap<string, OptionSpec>;
  /** The option whose value comes next. */
  readonly open: OptionSpec | undefined;
  /** Arguments behind the command so far. */
  readonly seen: number;
}

function readBefore(before: readonly string[], commands: readonly Command[]): Before {
  const line = readLine(before, commands);
  const options = spellingsOf(line.command ?? commands[0]);
  const last = line.said.at(-1);
  const isOpen = last?.value === undefined && last?.spelling === before.at(-1);
  const option = isOpen ? options.get(last?.spelling ?? "") : undefined;
  return {
    command: line.command,
    options,
    open: option && takesValue(option) ? option : undefined,
    seen: line.arguments.length,
  };
}

/** Without a command, those of the first one, which is the default. */
function spellingsOf(command: Command | undefined): Map<string, OptionSpec> {
  const options = command ? [...command.options, ...commonOptions(command.formats)] : [];
  return new Map(
    options.flatMap((option) =>
      [`--${option.name}`, ...(option.aliases ?? []).map((alias) => `--${alias}`)].map(
        (each) => [each, option] as const,
      ),
    ),
  );
}

function valuesOf(option: OptionSpec, names: () => CatalogueNames): readonly string[] {
  if (option.choices) return option.choices;
  if (option.values) return names()[option.values];
  if (option.name === "include" || option.name === "ignore") return names().directories;
  return option.name === "since" ? ["all", "published"] : [];
}

const argumentValues = ({ values }: ArgumentSpec, names: () => CatalogueNames): readonly string[] =>
  values === "images" ? names().images : (values ?? []);

const startingWith = (start: string, values: readonly string[]): string[] =>
  values.filter((each) => each.startsWith(start));
