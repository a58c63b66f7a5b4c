import { type LogicalLine, rangeIn } from "./lines.ts";
import type { Field, Flag } from "./model.ts";
import { readMountFields } from "./mount-fields.ts";
import { isSpace } from "./spaces.ts";

/** The flags of an instruction and the offset in the joined line where its arguments begin. */
interface Flags {
  readonly flags: readonly Flag[];
  readonly rest: number;
}

/** A flag without quotes and escapes; `places` says where in the joined line each of its characters stands. */
interface FlagWord {
  readonly text: string;
  readonly places: readonly number[];
  readonly start: number;
  readonly end: number;
}

/**
 * Takes the words that begin with `--` off the front of an instruction's arguments; `--` alone ends them. Here the
 * escape is always a backslash, whatever the directive says (`extractBuilderFlags` in BuildKit's parser).
 */
export function readFlags(line: LogicalLine, from: number, to: number): Flags {
  const flags: Flag[] = [];
  let at = from;
  for (;;) {
    while (at < to && isSpace(line.text[at])) at += 1;
    if (!line.text.startsWith("--", at) || at + 2 > to) return { flags, rest: at };
    const word = readFlagWord(line.text, at, to);
    at = word.end;
    // At the end of the line BuildKit drops a lone `--` just as well.
    if (word.text === "--") return { flags, rest: at };
    flags.push(toFlag(line, word));
  }
}

function readFlagWord(text: string, start: number, to: number): FlagWord {
  const places: number[] = [];
  let quote: string | undefined;
  let at = start;
  for (; at < to; at += 1) {
    const char = text[at];
    if (quote === undefined && isSpace(char)) break;
    if (char === quote) quote = undefined;
    else if (quote === undefined && (char === "'" || char === '"')) quote = char;
    else if (char !== "\\") places.push(at);
    else if (at + 1 < to) places.push(++at);
  }
  return { text: places.map((place) => text[place]).join(""), places, start, end: at };
}

function toFlag(line: LogicalLine, word: FlagWord): Flag {
  const range = rangeIn(line, word.start, word.end);
  const equals = word.text.indexOf("=");
  if (equals === -1) return { name: word.text.slice(2), range };
  const name = word.text.slice(2, equals);
  const value = word.text.slice(equals + 1);
  const [start, end] = valuePlace(line.text, word, equals);
  const fields = name === "mount" ? mountFields(line, word, equals + 1) : undefined;
  return { name, value, range, valueRange: rangeIn(line, start, end), ...(fields === undefined ? {} : { fields }) };
}

function mountFields(line: LogicalLine, word: FlagWord, from: number): Field[] | undefined {
  const placeOf = (index: number): number => word.places[from + index] ?? word.end;
  return readMountFields(word.text.slice(from))?.map(({ key, value, start, end }) => {
    const range = rangeIn(line, placeOf(start), end > start ? placeOf(end - 1) + 1 : placeOf(start));
    return value === undefined ? { key, range } : { key, value, range };
  });
}

/** Behind the equals sign to the end of the flag, quotes included; a quote that opened before the sign is left outside. */
function valuePlace(text: string, word: FlagWord, equals: number): [number, number] {
  const first = (word.places[equals] ?? word.start) + 1;
  if (!/["']/.test(text.slice(word.start, first))) return [first, word.end];
  const last = word.places.at(-1) ?? first;
  return [first, Math.max(first, last + 1)];
}
