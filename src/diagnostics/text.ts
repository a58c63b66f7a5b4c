import type { Diagnostic, Place } from "./diagnostic.ts";

/** Start inclusive, end exclusive, in UTF-16 units of one text. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** The place of an offset in a text, both lines and columns 1-based. `\n` and `\r\n` end a line. */
export function placeAt(file: string, text: string, offset: number): Place {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line += 1;
    lineStart = at + 1;
  }
  return { file, line, column: offset - lineStart + 1 };
}

/** Place and excerpt of a range, to spread into a diagnostic. A range over several lines is marked to the end of its first. */
export function locate(file: string, text: string, range: Range): Required<Pick<Diagnostic, "at" | "excerpt">> {
  const at = placeAt(file, text, range.start);
  const lineStart = range.start - at.column + 1;
  const newline = text.indexOf("\n", lineStart);
  const line = text.slice(lineStart, newline === -1 ? undefined : newline).replace(/\r$/, "");
  const length = Math.max(1, Math.min(range.end - range.start, line.length - at.column + 1));
  return { at, excerpt: { text: line, length } };
}

/** From the first character to the last of a line, which is counted from 1; undefined where the text has no such line or an empty one. */
export function lineRange(text: string, line: number): Range | undefined {
  const lines = text.split("\n");
  const words = lines[line - 1]?.trim() ?? "";
  if (words === "") return undefined;
  const start =
    lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) + (lines[line - 1] ?? "").indexOf(words);
  return { start, end: start + words.length };
}
