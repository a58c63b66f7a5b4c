import { didYouMean, nearest } from "../diagnostics/suggest.ts";
import type { Command, ParsedCall } from "./command.ts";
import { commonOptions } from "./common-options.ts";
import type { CommandLine, Said } from "./line.ts";
import { type OptionSpec, optionFlags, takesValue } from "./option.ts";
import { usageError } from "./usage.ts";
import { readValues } from "./values.ts";
import type { World } from "./world.ts";

/** Reads a line as one of a command. Throws `RefusedError` for what the command does not understand. */
export function parseCall(command: Command, line: CommandLine, world: World): ParsedCall {
  const options = optionsOf(command);
  const values: Record<string, unknown> = {};
  for (const said of line.said) {
    const option = optionOf(said, command, options);
    values[option.name] = withValue(values[option.name], said, option, command);
  }
  checkArguments(command, line.arguments);
  return { arguments: line.arguments, values: readValues(options, values, world.environment), world };
}

/** Its own, then the common ones. */
export const optionsOf = (command: Command): readonly OptionSpec[] => [
  ...command.options,
  ...commonOptions(command.formats),
];

/** Throws where there is none, since `biuld` must not be taken for anything else. */
export function commandNamed(word: string, commands: readonly Command[]): Command {
  const found = commands.find((each) => each.name === word);
  if (found) return found;
  const names = commands.map((each) => each.name);
  const near = nearest(word, names);
  throw usageError(
    `there is no command "${word}"${didYouMean(word, names)}`,
    near === undefined ? "write image-builder --help for the commands" : `write image-builder ${near}`,
  );
}

function optionOf({ spelling, option }: Said, command: Command, options: readonly OptionSpec[]): OptionSpec {
  const own = options.find(({ name }) => name === option?.name);
  if (own) return own;
  const known = options.flatMap(({ name, aliases = [] }) => [name, ...aliases].map((each) => `--${each}`));
  const near = nearest(spelling, known);
  throw usageError(`unknown option "${spelling}"`, near === undefined ? seeHelp(command) : `write ${near}`);
}

/** What an option has come to with one more of its kind. */
function withValue(before: unknown, { spelling, value, joined }: Said, option: OptionSpec, command: Command): unknown {
  if (!takesValue(option)) {
    if (value !== undefined) throw usageError(`option "${spelling}" takes no value`, `write ${spelling}`);
    if (option.kind === "count") return ((before as number | undefined) ?? 0) + 1;
    return spelling !== `--no-${option.name}`;
  }
  if (value === undefined || (!joined && value.startsWith("--")))
    throw usageError(`option "${optionFlags(option)}" argument missing`, seeHelp(command));
  return option.kind === "list" ? [...((before as readonly string[] | undefined) ?? []), value] : value;
}

const seeHelp = ({ name }: Command): string => `write image-builder ${name} --help for its options`;

function checkArguments(command: Command, words: readonly string[]): void {
  const { arguments: specs, name } = command;
  const missing = specs[words.length];
  const help = `write image-builder ${name} --help for an example`;
  if (missing?.required)
    throw usageError(`"image-builder ${name}" needs ${missing.name}: ${missing.description}`, help);
  const extra = specs.at(-1)?.many ? undefined : words[specs.length];
  if (extra === undefined) return;
  if (specs.length > 0) throw usageError(`"${extra}" is one argument too many for "image-builder ${name}"`, help);
  throw usageError(
    `"image-builder ${name}" takes no argument, and here it has "${extra}"`,
    `write --include ${/^(?:science|compat)\//.test(extra) ? extra : `science/${extra}`} to name a directory`,
  );
}
