import type { ArgumentSpec, Command } from "./command.ts";
import { commonOptions } from "./common-options.ts";
import { environmentName, type OptionSpec, optionFlags } from "./option.ts";

/** The help of a command as text, `width` columns wide. */
export function helpOf(command: Command, width: number): string {
  const own = command.options.map(describe);
  const common = [...commonOptions(command.formats).map(describe), { flags: "-h, --help", says: "show this" }];
  const column = Math.max(...[...own, ...common].map(({ flags }) => flags.length));
  const about = wrap([`${command.summary}.`, command.description ?? ""].join("\n").trim(), width);
  return [
    `Usage: image-builder ${command.name} ${["[options]", ...command.arguments.map(argumentUsage)].join(" ")}\n`,
    `${about.join("\n")}\n`,
    ...(own.length === 0 ? [] : [`Options of ${command.name}:\n${items(own, column, width)}`]),
    `Options of every command:\n${items(common, column, width)}`,
    examplesOf(command),
  ].join("\n");
}

export const argumentUsage = ({ name, required, many }: ArgumentSpec): string => {
  const usage = `${name}${many ? "…" : ""}`;
  return required ? usage : `[${usage}]`;
};

interface Item {
  readonly flags: string;
  readonly says: string;
}

const describe = (option: OptionSpec): Item => {
  const { description, choices, negatable, name, kind } = option;
  const says = [
    description,
    choices ? `: ${choices.join(", ")}` : "",
    negatable ? ` (--no-${name} takes it back)` : "",
    kind === "list" ? " (may be repeated)" : "",
  ];
  return { flags: optionFlags(option), says: says.join("") };
};

const items = (all: readonly Item[], column: number, width: number): string =>
  all
    .map(({ flags, says }) => {
      const [first, ...more] = wrap(says, width - column - 4);
      return [
        `  ${flags.padEnd(column)}  ${first}\n`,
        ...more.map((each) => `${" ".repeat(column + 4)}${each}\n`),
      ].join("");
    })
    .join("");

/** Lines of whole words; text is left as it is where so few columns remain that it would only get longer. */
function wrap(text: string, width: number): readonly string[] {
  if (width < 40) return text.split("\n");
  return text
    .split("\n")
    .flatMap((line) => line.match(new RegExp(`\\S{${width},}|\\S.{0,${width - 1}}(?= |$)`, "g")) ?? [""]);
}

function examplesOf(command: Command): string {
  const width = Math.max(...command.examples.map((example) => example.line.length));
  const lines = command.examples.map(({ line, says }) => `  image-builder ${line.padEnd(width)}  ${says}\n`);
  return `Examples:\n${lines.join("")}\nEvery option may also come from the environment: --format json is ${formatVariable}=json\n`;
}

const formatVariable = environmentName({ name: "format", kind: "text", description: "" });
