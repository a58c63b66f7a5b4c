import { didYouMean, nearest } from "../diagnostics/suggest.ts";
import type { Command } from "./command.ts";
import { commonOptions } from "./common-options.ts";
import { type OptionSpec, takesValue } from "./option.ts";
import { usageError } from "./usage.ts";

/** A command line as it is handed to the parser: its command, and the rest with one spelling for each option. */
export interface Arranged {
  /** Undefined where the line names no command. */
  readonly command: Command | undefined;
  /** Every option's value is joined to it: `--include=a`. */
  readonly rest: readonly string[];
}

/**
 * Finds the command among options before and behind it, and spreads `--include a b`. A list takes its first value and
 * then only what looks like a directory of the catalogue, so that no argument is eaten. Throws where the first word
 * is not a command, since `biuld` must not be taken for anything else.
 */
export function arrange(words: readonly string[], commands: readonly Command[]): Arranged {
  const known = new Map(
    [...commands.flatMap((each) => each.options), ...commonOptions([])].flatMap((option) => spellings(option)),
  );
  const rest: string[] = [];
  let command: Command | undefined;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") return { command, rest: [...rest, ...words.slice(at)] };
    if (!word.startsWith("-") || word === "-") {
      if (command) rest.push(word);
      else command = commandNamed(word, commands);
      continue;
    }
    const taken = takeOption(words, at, known, command === undefined || command.arguments.length === 0);
    rest.push(...taken);
    at += consumed(taken, word);
  }
  return { command, rest };
}

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

/** The option at a place with its values, each joined to the main spelling. */
function takeOption(
  words: readonly string[],
  at: number,
  known: ReadonlyMap<string, OptionSpec>,
  greedy: boolean,
): readonly string[] {
  const word = words[at] ?? "";
  const equals = word.startsWith("--") ? word.indexOf("=") : -1;
  const spelled = equals === -1 ? word : word.slice(0, equals);
  const option = known.get(spelled);
  if (option === undefined) return [word];
  const name = spelled.startsWith("--no-") && option.negatable ? spelled : `--${option.name}`;
  if (equals !== -1) return [`${name}${word.slice(equals)}`];
  if (!takesValue(option)) return [name];
  const first = words[at + 1];
  if (first === undefined || first.startsWith("--")) return [name];
  const more = option.kind === "list" && greedy ? directoriesFrom(words, at + 2) : [];
  return [first, ...more].map((value) => `${name}=${value}`);
}

function directoriesFrom(words: readonly string[], from: number): readonly string[] {
  const end = words.findIndex((word, at) => at >= from && !/^(?:science|compat|\.{1,2})(?:\/|$)/.test(word));
  return words.slice(from, end === -1 ? undefined : end);
}

/** How many further words an option took: those that are joined to it now, and were not before. */
const consumed = (taken: readonly string[], word: string): number =>
  taken.filter((each) => each.includes("=")).length - (word.includes("=") ? 1 : 0);

const spellings = (option: OptionSpec): readonly (readonly [string, OptionSpec])[] =>
  [
    `--${option.name}`,
    ...(option.short === undefined ? [] : [`-${option.short}`]),
    ...(option.aliases ?? []).map((alias) => `--${alias}`),
    ...(option.negatable ? [`--no-${option.name}`] : []),
  ].map((spelling) => [spelling, option] as const);
