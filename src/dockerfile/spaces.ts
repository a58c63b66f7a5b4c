/**
 * White space as Go's `unicode.IsSpace` sees it, which BuildKit trims with. JavaScript's `\s` lacks U+0085 and has U+FEFF.
 * Undefined (past the end of a text) is none.
 */
export function isSpace(char: string | undefined): boolean {
  if (char === undefined) return false;
  if (char <= "\x7f") return char === " " || (char >= "\t" && char <= "\r");
  return char === "\x85" || (char !== "\ufeff" && /^\s$/.test(char));
}

/** The characters that part the words of an instruction: Go's `[\t\v\f\r ]`. A line feed cannot stand in one. */
export const isBlank = (char: string | undefined): boolean =>
  char === " " || char === "\t" || char === "\v" || char === "\f" || char === "\r";

/** The first offset at or behind `from` that is not white space, `to` where there is none. */
export function skipSpaces(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isSpace(text[at])) at += 1;
  return at;
}

/** The offset behind the last character before `to` that is not white space, `from` where there is none. */
export function trimSpaces(text: string, from: number, to: number): number {
  let at = to;
  while (at > from && isSpace(text[at - 1])) at -= 1;
  return at;
}
