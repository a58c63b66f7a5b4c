import type { Findings } from "./findings.ts";
import { type LogicalLine, rangeIn } from "./lines.ts";
import type { Escape, Pair } from "./model.ts";
import { isBlank } from "./spaces.ts";
import { type QuotedWord, splitQuotedWords } from "./words.ts";

/** Where the arguments of an instruction stand in its joined line. */
export interface Arguments {
  readonly line: LogicalLine;
  readonly from: number;
  readonly to: number;
}

/** ENV and LABEL: `key=value …`, or the old `key the rest` where the first word has no equals sign (`parseNameVal`). */
export function readPairs(args: Arguments, keyword: string, escape: Escape, findings: Findings): Pair[] {
  const { line, from, to } = args;
  const words = splitQuotedWords(line.text, from, to, escape);
  const [first] = words;
  if (first === undefined) return [];
  if (!first.text.includes("=")) return readOldPair(args, keyword, findings);
  return words.flatMap((word) => {
    if (word.text.includes("=")) return [toPair(line, word)];
    findings.error(
      "pair-without-equals",
      `${keyword} "${word.text}" has no "=": the form is name=value`,
      rangeIn(line, word.start, word.end),
      "put values with spaces in quotes",
    );
    return [];
  });
}

/** ARG: `name` or `name=value`, any number of them. */
export const readArguments = ({ line, from, to }: Arguments, escape: Escape): Pair[] =>
  splitQuotedWords(line.text, from, to, escape).map((word) => toPair(line, word));

function readOldPair({ line, from, to }: Arguments, keyword: string, findings: Findings): Pair[] {
  let end = from;
  while (end < to && !isBlank(line.text[end])) end += 1;
  let value = end;
  while (value < to && isBlank(line.text[value])) value += 1;
  const range = rangeIn(line, from, to);
  if (value === end) {
    findings.error("pair-without-value", `${keyword} needs a name and a value`, range);
    return [];
  }
  return [{ key: line.text.slice(from, end), value: line.text.slice(value, to), range }];
}

function toPair(line: LogicalLine, { text, start, end }: QuotedWord): Pair {
  const range = rangeIn(line, start, end);
  const equals = text.indexOf("=");
  return equals === -1 ? { key: text, range } : { key: text.slice(0, equals), value: text.slice(equals + 1), range };
}
