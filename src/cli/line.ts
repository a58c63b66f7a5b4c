import { type ParseArgsConfig, parseArgs } from "node:util";
import type { Command } from "./command.ts";
import { commonOptions } from "./common-options.ts";
import { type OptionSpec, takesValue } from "./option.ts";

/** A command line taken apart, right or wrong. */
export interface CommandLine {
  /** The first word that is neither an option nor a value of one; undefined where there is none. */
  readonly word: string | undefined;
  /** The command of that name. */
  readonly command: Command | undefined;
  readonly arguments: readonly string[];
  /** In the order of the line. */
  readonly said: readonly Said[];
}

/** One option, with one of its values. */
export interface Said {
  /** As it was written, without its value: `--ref`, `-v`. */
  readonly spelling: string;
  /** Undefined for an option that no command has. */
  readonly option: OptionSpec | undefined;
  readonly value: string | undefined;
  /** Whether the value stands behind an `=`. */
  readonly joined: boolean;
}

/**
 * Takes a line apart without judging it: options may stand before and behind the command. A list takes its first value and then
 * only what looks like a directory of the catalogue, so that neither the command nor an argument is eaten.
 */
export function readLine(words: readonly string[], commands: readonly Command[]): CommandLine {
  const known = spellings(commands);
  const said: Said[] = [];
  const rest: string[] = [];
  let [word, command, list]: [string?, Command?, Said?] = [];
  let ended = false;
  for (const token of tokensOf(words, known)) {
    if (token.kind === "option") {
      const { rawName: spelling, value, inlineValue: joined = false } = token;
      const each: Said = { spelling, option: known.get(spelling), value, joined };
      said.push(each);
      list = each.option?.kind === "list" && value !== undefined && !joined ? each : undefined;
    } else if (token.kind === "option-terminator") {
      ended = true;
    } else if (list && !ended && isDirectory(token.value) && !command?.arguments.length) {
      said.push({ ...list, value: token.value });
    } else {
      list = undefined;
      if (ended || word !== undefined) rest.push(token.value);
      else command = commands.find(({ name }) => name === (word = token.value));
    }
  }
  return { word, command, arguments: rest, said };
}

/** What the line says last; read from a line that may be wrong. */
export const lastSaid = ({ said }: CommandLine, name: string): string | undefined =>
  said.findLast(({ option }) => option?.name === name)?.value;

/** Whether one of these stands on the line, be it where a value should. */
export const asksFor = ({ said }: CommandLine, ...spellings: readonly string[]): boolean =>
  said.some(
    ({ spelling, value, joined }) => spellings.includes(spelling) || (!joined && spellings.includes(value ?? "")),
  );

function tokensOf(words: readonly string[], known: ReadonlyMap<string, OptionSpec>) {
  const options: NonNullable<ParseArgsConfig["options"]> = {};
  for (const [spelling, option] of known) {
    if (!spelling.startsWith("--")) continue;
    const short = spelling === `--${option.name}` ? option.short : undefined;
    options[spelling.slice(2)] = { type: takesValue(option) ? "string" : "boolean", ...(short && { short }) };
  }
  return parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

/** Of every command: which one is meant is only known when the line has been read. */
const spellings = (commands: readonly Command[]): ReadonlyMap<string, OptionSpec> =>
  new Map([...commands.flatMap(({ options }) => options), ...commonOptions([])].flatMap(spellingsOf));

const spellingsOf = (option: OptionSpec): readonly (readonly [string, OptionSpec])[] =>
  [
    `--${option.name}`,
    ...(option.short === undefined ? [] : [`-${option.short}`]),
    ...(option.aliases ?? []).map((alias) => `--${alias}`),
    ...(option.negatable ? [`--no-${option.name}`] : []),
  ].map((spelling) => [spelling, option] as const);

const isDirectory = (word: string): boolean => /^(?:science|compat|\.{1,2})(?:\/|$)/.test(word);
