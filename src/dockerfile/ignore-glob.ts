/** A part of an ignore pattern that is more than a literal. */
type Token =
  | { readonly char: string }
  /** A class or an escape such as `\d`. */
  | { readonly one: RegExp }
  /** `?`: one character that is no slash. */
  | "one"
  /** `*`: any number of them. */
  | "many"
  /** `**` before more: nothing, or anything up to a slash. */
  | "deep"
  /** `**` at the end. */
  | "rest";

type IgnoreGlob = (path: string) => boolean;

/** Undefined for an escape that means nothing. The pattern is well-formed otherwise. `spend` is told of every step of a match. */
export function compileGlob(text: string, spend: (steps: number) => void): IgnoreGlob | undefined {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; ) {
    const { token, next } = readToken(text, at);
    if (token === undefined) return undefined;
    tokens.push(token);
    at = next;
  }
  return (path) => matchTokens(tokens, Array.from(path), spend);
}

function readToken(text: string, at: number): { token: Token | undefined; next: number } {
  if (text.startsWith("**", at)) {
    const next = at + (text[at + 2] === "/" ? 3 : 2);
    return { token: next === text.length ? "rest" : "deep", next };
  }
  const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
  if (char === "*") return { token: "many", next: at + 1 };
  if (char === "?") return { token: "one", next: at + 1 };
  if (char === "\\") return { token: readEscape(text[at + 1] ?? ""), next: at + 2 };
  if (char !== "[") return { token: { char }, next: at + char.length };
  const end = classEnd(text, at);
  return { token: toExpression(text.slice(at, end)), next: end };
}

/** Behind the `]` of a class that is well-formed. */
function classEnd(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text[at] !== "]") at += text[at] === "\\" ? 2 : 1;
  return at + 1;
}

/** Moby hands escapes on to Go's regexp, where letters mean something: `\d` is a digit, `\a` a bell, `\m` an error. */
function readEscape(char: string): Token | undefined {
  if (char === "a") return { char: "\x07" };
  if (/[dDsSwWftnrv]/.test(char)) return toExpression(`\\${char}`);
  return /[0-9a-zA-Z\u0080-\uffff]/.test(char) ? undefined : { char };
}

function toExpression(source: string): Token | undefined {
  try {
    return { one: new RegExp(`^${source}$`, "u") };
  } catch {
    return undefined;
  }
}

/**
 * Worked out from the end of the path backwards, in time proportional to path times pattern: a backtracking expression
 * takes years for `**` + `/a*a*a*a*x`. `open[i]` says whether the tokens from `i` on match what has been seen of the path.
 */
function matchTokens(tokens: readonly Token[], path: readonly string[], spend: (steps: number) => void): boolean {
  const last = tokens.length;
  const reached = new Uint8Array(last + 1);
  let open = new Uint8Array(last + 1);
  let before = new Uint8Array(last + 1);
  for (let at = path.length; at >= 0; at -= 1) {
    const char = path[at];
    spend(last);
    open[last] = char === undefined ? 1 : 0;
    let alive = open[last];
    for (let index = last - 1; index >= 0; index -= 1) {
      const token = tokens[index] ?? "rest";
      if (token === "deep") reached[index] = reachesSlash(char, before[index + 1], reached[index]);
      open[index] = matchesFrom(token, char, open[index + 1], before, index, reached[index]);
      alive |= (open[index] ?? 0) | (reached[index] ?? 0);
    }
    if (alive === 0) return false;
    [open, before] = [before, open];
  }
  return before[0] === 1;
}

type Bit = number | undefined;

const reachesSlash = (char: string | undefined, behindSlash: Bit, reached: Bit): number =>
  (char === "/" && behindSlash === 1) || (char !== undefined && char !== "\n" && reached === 1) ? 1 : 0;

function matchesFrom(
  token: Token,
  char: string | undefined,
  skipped: Bit,
  before: Uint8Array,
  index: number,
  reached: Bit,
): number {
  if (token === "deep") return skipped === 1 || reached === 1 ? 1 : 0;
  if (token === "many" || token === "rest") {
    const takes = char !== undefined && char !== (token === "many" ? "/" : "\n");
    return skipped === 1 || (takes && before[index] === 1) ? 1 : 0;
  }
  if (char === undefined || before[index + 1] !== 1) return 0;
  if (token === "one") return char === "/" ? 0 : 1;
  return "char" in token ? Number(token.char === char) : Number(token.one.test(char));
}
