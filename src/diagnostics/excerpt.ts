import type { Excerpt, Place } from "./diagnostic.ts";
import { printable } from "./printable.ts";
import type { Style } from "./style.ts";

/** The line of a problem and, below it, the mark: two lines, without line ends. */
export function renderExcerpt(at: Place, excerpt: Excerpt, mark: Style["red"], style: Style): readonly string[] {
  const { before, marked, after } = cut(excerpt.text, at.column - 1, excerpt.length);
  const number = String(at.line);
  const carets = mark("^".repeat(Math.max(1, columns(marked))));
  return [
    `  ${style.dim(`${number} |`)} ${before}${marked}${after}`.trimEnd(),
    `  ${style.dim(`${" ".repeat(number.length)} |`)} ${blank(before)}${carets}`,
  ];
}

/** A definition may be one line of a megabyte: what is far from the mark is left out. */
const widest = 160;
const lead = 60;

interface Parts {
  readonly before: string;
  readonly marked: string;
  readonly after: string;
}

function cut(text: string, start: number, length: number): Parts {
  if (text.length <= widest) return parts(text, start, start + length);
  const from = start > lead * 2 ? start - lead : 0;
  const to = Math.min(text.length, from + widest);
  const { before, marked, after } = parts(text.slice(from, to), start - from, Math.min(start + length, to) - from);
  return { before: from > 0 ? `…${before}` : before, marked, after: to < text.length ? `${after}…` : after };
}

const parts = (text: string, start: number, end: number): Parts => ({
  before: printable(text.slice(0, start)),
  marked: printable(text.slice(start, end)),
  after: printable(text.slice(end)),
});

/** As wide on a terminal as the text, so that the mark stands below what it means; a tab stays a tab. */
const blank = (text: string): string => text.replace(/[^\t]/gu, (character) => " ".repeat(columns(character)));

const columns = (text: string): number =>
  Array.from(text).reduce((sum, character) => sum + (combining.test(character) ? 0 : wide.test(character) ? 2 : 1), 0);

const combining = /^\p{Mn}$/u;
const wide =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u;
