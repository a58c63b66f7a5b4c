import { type LogicalLine, rangeIn } from "./lines.ts";
import type { Escape, Word } from "./model.ts";
import { isBlank, isSpace, skipSpaces } from "./spaces.ts";

/** Words parted by blanks alone: quotes mean nothing here, and are kept (FROM, COPY, ADD, EXPOSE, VOLUME). */
export function splitWords(line: LogicalLine, from: number, to: number): Word[] {
  const words: Word[] = [];
  let at = from;
  while (at < to) {
    while (at < to && isBlank(line.text[at])) at += 1;
    const start = at;
    while (at < to && !isBlank(line.text[at])) at += 1;
    if (at > start) words.push(wordAt(line, start, at));
  }
  return words;
}

/** Offsets in the joined line. */
export interface QuotedWord {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Words parted by white space outside of quotes; quotes and escapes are kept (ENV, LABEL, ARG: `parseWords` in BuildKit). */
export function splitQuotedWords(text: string, from: number, to: number, escape: Escape): QuotedWord[] {
  const words: QuotedWord[] = [];
  let at = skipSpaces(text, from, to);
  while (at < to) {
    const word = readQuotedWord(text, at, to, escape);
    if (word.text !== "") words.push(word);
    at = skipSpaces(text, word.next, to);
  }
  return words;
}

function readQuotedWord(text: string, start: number, to: number, escape: Escape): QuotedWord & { next: number } {
  let quote: string | undefined;
  let at = start;
  for (; at < to; at += 1) {
    const char = text[at];
    if (char === escape && quote !== "'") at += 1;
    else if (quote !== undefined) quote = char === quote ? undefined : quote;
    else if (char === "'" || char === '"') quote = char;
    else if (isSpace(char)) break;
  }
  // An escape character at the very end has nothing to escape and is dropped.
  const end = at > to ? to - 1 : at;
  return { text: text.slice(start, end), start, end, next: at };
}

export const wordAt = (line: LogicalLine, from: number, to: number): Word => ({
  text: line.text.slice(from, to),
  range: rangeIn(line, from, to),
});
