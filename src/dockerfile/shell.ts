import type { Escape } from "./model.ts";
import { LexError, type Lexer, peek, take } from "./shell-lexer.ts";
import { readDollar } from "./shell-variables.ts";
import { collectWords, type WordCollector } from "./shell-words.ts";

/** The variables that an instruction sees: ENV and ARG together. */
export type Variables = ReadonlyMap<string, string>;

export interface ShellOptions {
  /** From `# escape=`; a backslash by default. */
  readonly escape?: Escape;
  /** `ignore` treats quotes as any other character, as in the body of a heredoc. */
  readonly quotes?: "remove" | "keep" | "ignore";
  readonly escapes?: "remove" | "keep";
  /** What becomes of a variable without value: nothing, or its own text. */
  readonly unset?: "empty" | "keep";
}

export interface ExpandedWord {
  /** The whole text after substitution; empty where there is a problem. */
  readonly value: string;
  /** The same, parted at unquoted white space, also at that which came out of a variable. */
  readonly words: readonly string[];
  /** Names that had no value, in order of first use. */
  readonly unset: readonly string[];
  /** Those of them that the text needs: `${X:-a}` and `${X:+a}` say themselves what comes of it. */
  readonly missing: readonly string[];
  /** Characters that came out of variables, and what matching patterns cost as so many of them. */
  readonly produced: number;
  /** Why the word cannot be expanded; BuildKit ends the build there. */
  readonly problem?: string;
}

/**
 * Substitutes variables and takes quotes and escapes off, as `shell.Lex` of BuildKit does: `$X`, `${X}`, `${X:-word}` and
 * `-`, `:+`, `+`, `:?`, `?`, `${X#pattern}`, `##`, `%`, `%%`, `${X/pattern/text}`, `//`. Never throws.
 * https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
export function expandWord(text: string, environment: Variables, options: ShellOptions = {}): ExpandedWord {
  const lexer = createLexer(text, environment, options);
  try {
    const { value, words } = readUntil(lexer);
    return { value, words, ...outcome(lexer) };
  } catch (error) {
    if (!(error instanceof LexError)) throw error;
    return { value: "", words: [], ...outcome(lexer), problem: error.message };
  }
}

const outcome = ({ unset, missing, produced }: Lexer) => ({ unset: [...unset], missing: [...missing], produced });

const createLexer = (text: string, environment: Variables, options: ShellOptions): Lexer => ({
  text,
  environment,
  escape: options.escape ?? "\\",
  quotes: options.quotes ?? "remove",
  keepUnset: options.unset === "keep",
  unset: new Set(),
  missing: new Set(),
  at: 0,
  keepEscapes: options.escapes === "keep",
  depth: 0,
  readOperand: false,
  produced: 0,
});

function readUntil(lexer: Lexer, stop?: string): ReturnType<WordCollector["finish"]> {
  const out = collectWords();
  for (let char = peek(lexer); char !== undefined; char = peek(lexer)) {
    if (char === stop) {
      lexer.at += 1;
      return out.finish();
    }
    if (char === "$") addExpanded(lexer, out, readDollar(lexer, readUntil), out.addSplit);
    else if (char === "<") out.addWhole(readHeredocSign(lexer));
    else if (char === "'" && lexer.quotes !== "ignore") out.addWhole(readSingleQuotes(lexer));
    else if (char === '"' && lexer.quotes !== "ignore") addExpanded(lexer, out, readDoubleQuotes(lexer), out.addWhole);
    else if (char === lexer.escape) out.addWhole(readEscape(lexer));
    else out.addSplit(take(lexer) ?? "");
  }
  if (stop !== undefined) throw new LexError(`the text ends while looking for the matching ${stop}`);
  return out.finish();
}

/**
 * BuildKit gathers operands in the buffer of the word under way: what the word had before is lost from `words`, so that
 * `EXPOSE 80${X:-81}` exposes 81. In `value` it is not.
 */
function addExpanded(lexer: Lexer, out: WordCollector, text: string, add: (text: string) => void): void {
  if (lexer.readOperand) out.forget();
  lexer.readOperand = false;
  add(text);
}

/** The blanks behind `<<` belong to its word: `<< EOF` begins a heredoc. */
function readHeredocSign(lexer: Lexer): string {
  const start = lexer.at;
  lexer.at += 1;
  if (peek(lexer) !== "<") return "<";
  do lexer.at += 1;
  while (/[ \t\r]/.test(peek(lexer) ?? ""));
  return lexer.text.slice(start, lexer.at);
}

/** An escape character at the end of the text is dropped. */
function readEscape(lexer: Lexer): string {
  lexer.at += lexer.escape.length;
  return (lexer.keepEscapes ? lexer.escape : "") + (take(lexer) ?? "");
}

function readSingleQuotes(lexer: Lexer): string {
  const end = lexer.text.indexOf("'", lexer.at + 1);
  if (end === -1) throw new LexError("the text ends while looking for the matching single quote");
  const inner = lexer.text.slice(lexer.at + 1, end);
  lexer.at = end + 1;
  return lexer.quotes === "keep" ? `'${inner}'` : inner;
}

function readDoubleQuotes(lexer: Lexer): string {
  lexer.at += 1;
  let inner = "";
  for (let char = peek(lexer); char !== undefined; char = peek(lexer)) {
    if (char === '"') {
      lexer.at += 1;
      return lexer.quotes === "keep" ? `"${inner}"` : inner;
    }
    if (char === "$") inner += readDollar(lexer, readUntil);
    else if (char === lexer.escape) inner += readQuotedEscape(lexer);
    else inner += take(lexer) ?? "";
  }
  throw new LexError("the text ends while looking for the matching double quote");
}

/** Within double quotes an escape works on `"`, `$` and itself, and stays where it stands before anything else. */
function readQuotedEscape(lexer: Lexer): string {
  lexer.at += lexer.escape.length;
  const kept = lexer.keepEscapes ? lexer.escape : "";
  const char = peek(lexer);
  if (char === undefined) return kept;
  return kept + (char === '"' || char === "$" || char === lexer.escape ? (take(lexer) ?? "") : lexer.escape);
}
