import type { NameKind } from "../../run/names.ts";
import type { Command } from "../command.ts";
import { commonOptions } from "../common-options.ts";
import { type CommandLine, readLine } from "../line.ts";
import { type OptionSpec, takesValue } from "../option.ts";

/** Words that may stand in a place, or what of the file system the shell completes there. */
type Candidates = readonly string[] | "files" | "folders";

/** What has a name. Asked only where names may stand. */
export type Names = (kind: NameKind) => Promise<readonly string[]>;

/** What may stand in the place of the last word, which is what was typed of it so far, and nothing that may not. */
export async function candidates(
  words: readonly string[],
  commands: readonly Command[],
  names: Names,
): Promise<Candidates> {
  const current = words.at(-1) ?? "";
  const before = words.slice(0, -1);
  const line = readLine(before, commands);
  const options = spellingsOf(line.command ?? commands[0]);
  const open = openOption(line, before, options);
  if (open) return startingWith(current, await valuesOf(open, names));
  const equals = current.startsWith("--") ? current.indexOf("=") : -1;
  if (equals !== -1) return joinedValues(current.slice(0, equals), current, options, names);
  if (current.startsWith("-") && !before.includes("--")) return startingWith(current, [...options.keys(), "--help"]);
  const more = [...(await restOfList(line, before, names)), ...(await argumentValues(line, commands, names))];
  return startingWith(current, more);
}

/** The option whose value comes next. */
function openOption(
  { said }: CommandLine,
  before: readonly string[],
  options: ReadonlyMap<string, OptionSpec>,
): OptionSpec | undefined {
  const last = said.at(-1);
  const isOpen = last?.value === undefined && last?.spelling === before.at(-1);
  const option = isOpen ? options.get(last?.spelling ?? "") : undefined;
  return option && takesValue(option) ? option : undefined;
}

/** Long ones by spelling. Without a command, those of the first one, which is the default. */
function spellingsOf(command: Command | undefined): Map<string, OptionSpec> {
  const options = command ? [...command.options, ...commonOptions(command.formats)] : [];
  const spellings = options.flatMap((option) => {
    const negated = option.negatable ? [`no-${option.name}`] : [];
    return [option.name, ...(option.aliases ?? []), ...negated].map((each) => [`--${each}`, option] as const);
  });
  return new Map(spellings);
}

async function joinedValues(
  spelling: string,
  current: string,
  options: ReadonlyMap<string, OptionSpec>,
  names: Names,
): Promise<Candidates> {
  const option = options.get(spelling);
  const values = option && takesValue(option) ? await valuesOf(option, names) : [];
  if (typeof values === "string") return values;
  return startingWith(
    current,
    values.map((each) => `${spelling}=${each}`),
  );
}

async function valuesOf({ choices, values }: OptionSpec, names: Names): Promise<Candidates> {
  if (choices) return choices;
  if (values === undefined) return [];
  if (values === "files" || values === "folders") return values;
  return (await Promise.all([values].flat().map(names))).flat();
}

/** A list of directories goes on behind its first one, where the command has no arguments that would come there. */
async function restOfList({ said, command }: CommandLine, before: readonly string[], names: Names): Promise<string[]> {
  const last = said.at(-1);
  const goesOn =
    [last?.option?.values].flat().includes("directories") && !last?.joined && last?.value === before.at(-1);
  return goesOn && !command?.arguments.length ? [...(await names("directories"))] : [];
}

/** Commands where none stands yet, also behind `help`. */
async function argumentValues(line: CommandLine, commands: readonly Command[], names: Names): Promise<string[]> {
  const { word, command, arguments: seen } = line;
  if (command === undefined) {
    const mayStand = word === undefined || (word === "help" && seen.length === 0);
    return mayStand ? commands.map(({ name }) => name) : [];
  }
  const argument = command.arguments[seen.length] ?? command.arguments.findLast((each) => each.many);
  if (argument?.choices) return [...argument.choices];
  const { option, values } = argument?.valuesWith ?? {};
  const isSaid = option !== undefined && line.said.some((each) => each.option?.name === option);
  const kinds = (isSaid ? values : argument?.values) ?? [];
  const found = await Promise.all(kinds.map(names));
  return [...new Set(found.flat())].filter((each) => !seen.includes(each));
}

const startingWith = (start: string, values: Candidates): Candidates =>
  typeof values === "string" ? values : values.filter((each) => each.startsWith(start));
