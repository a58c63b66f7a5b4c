import { CommanderError, Option, Command as Parser } from "commander";
import type { ArgumentSpec, Command, ParsedCall } from "./command.ts";
import { commonOptions } from "./common-options.ts";
import { environmentName, type OptionSpec, takesValue } from "./option.ts";
import { usageError } from "./usage.ts";
import { readValues } from "./values.ts";
import type { World } from "./world.ts";

/** Reads the words behind a command. Throws `RefusedError` for what the command does not understand. */
export function parseCall(command: Command, words: readonly string[], world: World): ParsedCall {
  const parser = parserFor(command);
  try {
    parser.parse(words, { from: "user" });
  } catch (error) {
    throw error instanceof CommanderError ? asUsageError(error, command) : error;
  }
  checkArguments(command, parser.args);
  const options = optionsOf(command);
  const line = Object.fromEntries(options.map((option) => [option.name, valueIn(parser, option)]));
  return { arguments: parser.args, values: readValues(options, line, world.environment), world };
}

/** Its own, then the common ones. */
export const optionsOf = (command: Command): readonly OptionSpec[] => [
  ...command.options,
  ...commonOptions(command.formats),
];

/** The help of a command as text, `width` columns wide. */
export const helpOf = (command: Command, width: number): string =>
  parserFor(command)
    .configureOutput({ getOutHelpWidth: () => width })
    .helpInformation() + examplesOf(command);

export const argumentUsage = ({ name, required, many }: ArgumentSpec): string => {
  const usage = `${name}${many ? "…" : ""}`;
  return required ? usage : `[${usage}]`;
};

function parserFor(command: Command): Parser {
  const parser = new Parser(`image-builder ${command.name}`)
    .description([`${command.summary}.`, command.description ?? ""].join("\n").trim())
    .usage(["[options]", ...command.arguments.map(argumentUsage)].join(" "))
    .addHelpOption(new Option("-h, --help", "show this").helpGroup(everyCommand))
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .allowExcessArguments(true);
  addOptions(parser, command.options, `Options of ${command.name}:`);
  addOptions(parser, commonOptions(command.formats), everyCommand);
  return parser;
}

const everyCommand = "Options of every command:";

function addOptions(parser: Parser, options: readonly OptionSpec[], heading: string): void {
  for (const option of options) {
    parser.addOption(toOption(option).helpGroup(heading));
    if (option.negatable) parser.addOption(new Option(`--no-${option.name}`).hideHelp());
  }
}

function toOption(option: OptionSpec): Option {
  const short = option.short === undefined ? "" : `-${option.short}, `;
  const value = takesValue(option) ? ` <${option.value ?? "VALUE"}>` : "";
  const result = new Option(`${short}--${option.name}${value}`, describe(option));
  if (option.kind === "count") return result.argParser((_, before: number | undefined) => (before ?? 0) + 1);
  if (option.kind === "list") return result.argParser((text, before?: string[]) => [...(before ?? []), text]);
  return result;
}

const describe = ({ description, choices, negatable, name, kind }: OptionSpec): string =>
  [
    description,
    choices ? `: ${choices.join(", ")}` : "",
    negatable ? ` (--no-${name} takes it back)` : "",
    kind === "list" ? " (may be repeated)" : "",
  ].join("");

/** Commander keeps `--no-cache` as `cache: false`. */
function valueIn(parser: Parser, option: OptionSpec): unknown {
  if (option.name.startsWith("no-")) return parser.getOptionValue(camel(option.name.slice(3))) === false || undefined;
  return parser.getOptionValue(camel(option.name));
}

const camel = (name: string): string => name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());

function asUsageError(error: CommanderError, command: Command): Error {
  const [message = "", suggestion] = error.message.replace(/^error: /, "").split("\n");
  const near = /\(Did you mean (.+)\?\)/.exec(suggestion ?? "")?.[1];
  const help = `write ${near ?? `image-builder ${command.name} --help`}${near ? "" : " for its options"}`;
  return usageError(message.replaceAll("'", '"').replace(/\.$/, ""), help);
}

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

function examplesOf(command: Command): string {
  const width = Math.max(...command.examples.map((example) => example.line.length));
  const lines = command.examples.map(({ line, says }) => `  image-builder ${line.padEnd(width)}  ${says}\n`);
  return `\nExamples:\n${lines.join("")}\nEvery option may also come from the environment: --format json is ${formatVariable}=json\n`;
}

const formatVariable = environmentName({ name: "format", kind: "text", description: "" });
