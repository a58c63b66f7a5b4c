/** Words stand as they are written, with their quotes. */
export type ShellToken = { readonly word: string } | { readonly operator: string };

/** What is not read: here-documents, arithmetic, whatever has no end. */
export class ShellError extends Error {}

const operators = [";;", "&&", "||", ";", "&", "|", "(", ")", "\n"];

/** The tokens of a script for the shell, without comments and redirections. Throws `ShellError`. */
export function tokensOf(script: string): ShellToken[] {
  const text = script.replaceAll("\\\n", "");
  const tokens: ShellToken[] = [];
  for (let at = 0; at < text.length; ) {
    const character = text[at] ?? "";
    if (character === " " || character === "\t" || character === "\r") at += 1;
    else if (character === "#") at = endOfLine(text, at);
    else if (text.startsWith("<<", at) || text.startsWith("((", at)) throw new ShellError("it is not followed");
    else if (/^(?:\d*[<>]|&>)/.test(text.slice(at, at + 4))) at = endOfRedirection(text, at);
    else {
      const operator = operators.find((each) => text.startsWith(each, at));
      const end = operator === undefined ? endOfWord(text, at) : at + operator.length;
      tokens.push(operator === undefined ? { word: text.slice(at, end) } : { operator });
      at = end;
    }
  }
  return tokens;
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end;
}

function endOfRedirection(text: string, at: number): number {
  const mark = /^(?:\d*(?:>>|>&|>\||<&|<>|<|>)|&>>?)[ \t]*/.exec(text.slice(at, at + 40))?.[0] ?? " ";
  return endOfWord(text, at + mark.length);
}

function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !/[\s;&|()<>]/.test(text[at] ?? "")) at = endOfPart(text, at);
  return at;
}

/** The end of a character of a word, or of what is quoted or substituted. */
export function endOfPart(text: string, at: number): number {
  const character = text[at];
  if (character === "\\") return at + 2;
  if (character === "'") return closing(text, "'", at + 1);
  if (character === "`") return closing(text, "`", at + 1);
  if (character === '"') return endOfQuoted(text, at + 1);
  if (character === "$" && text[at + 1] === "(") return endOfNested(text, at + 2, ")");
  if (character === "$" && text[at + 1] === "{") return endOfNested(text, at + 2, "}");
  return at + 1;
}

function closing(text: string, mark: string, from: number): number {
  const end = text.indexOf(mark, from);
  if (end === -1) throw new ShellError("a quote has no end");
  return end + 1;
}

function endOfQuoted(text: string, from: number): number {
  for (let at = from; at < text.length; at = text[at] === "'" ? at + 1 : endOfPart(text, at))
    if (text[at] === '"') return at + 1;
  throw new ShellError("a quote has no end");
}

function endOfNested(text: string, from: number, mark: ")" | "}"): number {
  let depth = 0;
  for (let at = from; at < text.length; at = endOfPart(text, at)) {
    if (text[at] === mark && depth === 0) return at + 1;
    if (mark === ")" && text[at] === "(") depth += 1;
    if (mark === ")" && text[at] === ")") depth -= 1;
  }
  throw new ShellError("a substitution has no end");
}
