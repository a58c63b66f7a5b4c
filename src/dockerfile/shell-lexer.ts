/** The state of one expansion; what is not readonly changes on the way. */
export interface Lexer {
  readonly text: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly escape: string;
  readonly quotes: "remove" | "keep" | "ignore";
  readonly keepUnset: boolean;
  readonly unset: Set<string>;
  /** Those of them whose value is part of what comes out: `${X:-a}` does without. */
  missing: ReadonlySet<string>;
  at: number;
  keepEscapes: boolean;
  depth: number;
  /** An operand such as the `x` of `${X:-x}` has been read since the last look. */
  readOperand: boolean;
  /** Characters that came out of variables so far. */
  produced: number;
}

/** What a variable may be made to grow to: `ENV A=$A$A` thirty times over would otherwise fill the memory. */
const longest = 1_000_000;

export class LexError extends Error {}

export function peek(lexer: Lexer): string | undefined {
  const code = lexer.text.codePointAt(lexer.at);
  return code === undefined ? undefined : String.fromCodePoint(code);
}

export function take(lexer: Lexer): string | undefined {
  const char = peek(lexer);
  lexer.at += char?.length ?? 0;
  return char;
}

/** A name of letters, digits and `_`, a number, or one of the shell's special parameters; empty where there is none. */
export function readName(lexer: Lexer): string {
  const name = /(?:\p{Nd}+|[@*#?\-$!]|[\p{L}_][\p{L}\p{Nd}_]*)?/uy;
  name.lastIndex = lexer.at;
  const found = name.exec(lexer.text)?.[0] ?? "";
  lexer.at += found.length;
  return found;
}

/** The value of a variable; one without is remembered. */
export function lookUp(lexer: Lexer, name: string, isNeeded = true): string | undefined {
  const value = lexer.environment.get(name);
  if (value === undefined) lexer.unset.add(name);
  if (value === undefined && isNeeded) lexer.missing = new Set([...lexer.missing, name]);
  if (value !== undefined) lexer.produced += value.length;
  if (lexer.produced > longest) throw new LexError(`the value of ${name} makes it longer than ${longest} characters`);
  return value;
}
