import type { Command } from "../../src/cli/command.ts";
import { commonOptions } from "../../src/cli/common-options.ts";
import { argumentUsage } from "../../src/cli/help.ts";
import { environmentName, type OptionSpec, optionUsage } from "../../src/cli/option.ts";

/** The part of docs/commands.md between its marks: every command and option, as the code has them. */
export const commandsDocument = (commands: readonly Command[]): string =>
  [...commands.map(commandSection), commonSection()].join("\n");

const commandSection = (command: Command): string => `### ${command.name}

\`image-builder ${[command.name, "[options]", ...command.arguments.map(argumentUsage)].join(" ")}\`

${[`${command.summary}.`, command.description ?? ""].join(" ").trim()}

${examples(command)}${argumentList(command)}${optionTable(command.options)}Forms of the answer (\`--format\`): ${command.formats.map(code).join(", ")}.
`;

const examples = ({ examples }: Command): string =>
  `\`\`\`sh\n${examples.map(({ line, says }) => `image-builder ${line.padEnd(widest(examples))}   # ${says}\n`).join("")}\`\`\`\n\n`;

const widest = (examples: Command["examples"]): number => Math.max(...examples.map(({ line }) => line.length));

const argumentList = ({ arguments: specs }: Command): string =>
  specs.map(({ name, description }) => `\`${name}\`: ${description}.\n\n`).join("");

const commonSection = (): string => `### Options that every command understands

They may stand before or behind the command.

${optionTable(commonOptions(["text", "json"]))}`;

function optionTable(options: readonly OptionSpec[]): string {
  if (options.length === 0) return "";
  const rows = options.map(
    (each) =>
      `| \`${optionUsage(each)}\` | ${cell(meaning(each))} | ${each.lineOnly ? "" : code(environmentName(each))} |\n`,
  );
  return `| option | meaning | environment |\n|---|---|---|\n${rows.join("")}\n`;
}

const meaning = ({ description, choices }: OptionSpec): string =>
  choices ? `${description}: ${choices.join(", ")}` : description;

const cell = (text: string): string => text.replaceAll("|", "\\|");

const code = (text: string): string => `\`${text}\``;
