import type { Range } from "../diagnostics/text.ts";
import type { Findings } from "./findings.ts";
import type { Escape } from "./model.ts";
import { skipSpaces } from "./spaces.ts";

/** One line of the text: `end` is before its line end (`\n`, `\r\n`), `next` behind it. */
interface Line {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** An instruction's line with its continuations joined, and the way back to the text. */
export interface LogicalLine {
  readonly text: string;
  readonly pieces: readonly Piece[];
  /** Where the next line of the text starts. */
  readonly next: number;
  /** The text ended while a continuation was expected: the range of the last escape character. */
  readonly dangling?: Range;
  /** The first empty line among the continuations, which BuildKit skips with a warning. */
  readonly emptyLine?: Range;
}

/** The part of a joined line that starts at `at` there and at `start` in the text. */
interface Piece {
  readonly at: number;
  readonly start: number;
}

export function lineAt(text: string, start: number): Line {
  const newline = text.indexOf("\n", start);
  let end = newline === -1 ? text.length : newline;
  while (end > start && text[end - 1] === "\r") end -= 1;
  return { start, end, next: newline === -1 ? text.length : newline + 1 };
}

/** The instruction that starts on `first`, or undefined where that line is empty or a comment. */
export function joinContinuations(text: string, first: Line, escape: Escape): LogicalLine | undefined {
  const start = skipSpaces(text, first.start, first.end);
  if (start === first.end || text[start] === "#") return undefined;
  const parts: string[] = [];
  const pieces: Piece[] = [];
  let length = 0;
  let next = first.next;
  let emptyLine: Range | undefined;
  let escaped = addPiece(start, first.end);
  while (escaped !== undefined && next < text.length) {
    const line = lineAt(text, next);
    next = line.next;
    const content = skipSpaces(text, line.start, line.end);
    if (content === line.end) emptyLine ??= { start: line.start, end: line.end };
    else if (text[content] !== "#") escaped = addPiece(line.start, line.end);
  }
  return {
    text: parts.join(""),
    pieces,
    next,
    ...(escaped === undefined ? {} : { dangling: { start: escaped, end: escaped + 1 } }),
    ...(emptyLine === undefined ? {} : { emptyLine }),
  };

  /** Returns where the escape character stands if the line goes on. */
  function addPiece(from: number, to: number): number | undefined {
    const at = continuationAt(text, from, to, escape);
    const part = text.slice(from, at ?? to);
    parts.push(part);
    pieces.push({ at: length, start: from });
    length += part.length;
    return at;
  }
}

/**
 * The offset of the escape character that ends a line. It may be followed by blanks and tabs; a doubled one is none,
 * also where it is tripled (`lineContinuationRegex` in BuildKit's parser).
 */
function continuationAt(text: string, from: number, to: number, escape: Escape): number | undefined {
  let end = to;
  while (end > from && (text[end - 1] === " " || text[end - 1] === "\t")) end -= 1;
  const at = end - 1;
  if (at < from || text[at] !== escape) return undefined;
  return at > from && text[at - 1] === escape ? undefined : at;
}

/** The range in the text of `from` to `to` in the joined line; it may span a continuation. */
export function rangeIn(line: LogicalLine, from: number, to: number): Range {
  const start = offsetIn(line, from);
  return { start, end: to > from ? offsetIn(line, to - 1) + 1 : start };
}

function offsetIn(line: LogicalLine, at: number): number {
  let low = 0;
  let high = line.pieces.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((line.pieces[middle]?.at ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  const piece = line.pieces[low];
  return piece === undefined ? 0 : piece.start + at - piece.at;
}

/** BuildKit's scanner takes lines of up to 65,535 bytes, those of heredocs included. */
const longestLine = 65_535;

export function checkLineLengths(text: string, findings: Findings): void {
  for (let at = 0; at < text.length; ) {
    const line = lineAt(text, at);
    const units = line.next - line.start;
    // A UTF-16 unit makes at most three bytes.
    if (units * 3 > longestLine && Buffer.byteLength(text.slice(line.start, line.end)) > longestLine) {
      findings.error("line-too-long", `the line is longer than ${longestLine} bytes`, {
        start: line.start,
        end: line.start,
      });
    }
    at = line.next;
  }
}
