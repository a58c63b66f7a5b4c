import { compileGlob } from "./ignore-glob.ts";

/** One line of a `.dockerignore`, ready to be matched against whole paths. */
export interface IgnorePattern {
  /** Cleaned, without the `!`. */
  readonly text: string;
  /** `!`: what it matches is kept. */
  readonly isException: boolean;
  readonly matches: (path: string) => boolean;
  /** Everything it matches starts with this. */
  readonly literal: string;
  /** Nothing in it but its literal. */
  readonly isLiteral: boolean;
}

/** `spend` is told of every step of a match. Undefined for a pattern that BuildKit refuses: a `[` without end, a backslash before nothing, nothing behind a `!`. */
export function compilePattern(
  line: string,
  spend: (steps: number) => void = () => undefined,
): IgnorePattern | undefined {
  const isException = line.startsWith("!");
  const text = isException ? line.slice(1) : line;
  if (text === "" || !isWellFormed(text)) return undefined;
  const special = text.search(/[*?[\]\\]/);
  const isLiteral = special === -1;
  const literal = isLiteral ? text : text.slice(0, special);
  const matches = compile(text, spend);
  if (matches === undefined) return undefined;
  return { text, isException, matches: (path) => path.startsWith(literal) && matches(path), literal, isLiteral };
}

/** The kinds of moby/patternmatcher: most patterns need no more than a comparison. */
function compile(text: string, spend: (steps: number) => void): ((path: string) => boolean) | undefined {
  const stars = text.startsWith("**");
  const rest = stars ? text.slice(2) : text;
  if (!/[*?[\]\\]/.test(rest)) return stars ? suffixMatcher(rest) : (path) => path === text;
  const prefix = text.slice(0, -2);
  if (text.endsWith("**") && !/[*?[\]\\]/.test(prefix)) return (path) => path.startsWith(prefix);
  return compileGlob(text, spend);
}

/** `**.md` matches at any depth; `**` + `/x` matches `x` itself too. */
const suffixMatcher =
  (suffix: string) =>
  (path: string): boolean =>
    path.endsWith(suffix) || (suffix.startsWith("/") && path === suffix.slice(1));

/** Go's filepath.Match: a class holds at least one character or range, `-` and `]` stand in it with a backslash. */
function isWellFormed(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "\\" && ++at >= text.length) return false;
    else if (text[at] === "[" && text[at - 1] !== "\\") {
      const end = classEnd(text, at + 1);
      if (end === undefined) return false;
      at = end;
    }
  }
  return true;
}

function classEnd(text: string, from: number): number | undefined {
  let at = text[from] === "^" ? from + 1 : from;
  for (let ranges = 0; ; ranges += 1) {
    if (text[at] === "]" && ranges > 0) return at;
    const first = classCharacter(text, at);
    if (first === undefined) return undefined;
    at = first;
    if (text[at] !== "-") continue;
    const last = classCharacter(text, at + 1);
    if (last === undefined) return undefined;
    at = last;
  }
}

/** The offset behind one character of a class, which something must follow. */
function classCharacter(text: string, at: number): number | undefined {
  if (text[at] === undefined || text[at] === "-" || text[at] === "]") return undefined;
  const end = text[at] === "\\" ? at + 2 : at + 1;
  return end < text.length ? end : undefined;
}
