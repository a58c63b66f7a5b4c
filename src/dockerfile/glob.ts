/** A token of a pattern: a character that stands for itself, `?` (any one) or `*` (any number). Neither matches a line feed. */
type Token = { readonly char: string } | "one" | "any";

type Pattern = readonly Token[];

/** Undefined where BuildKit refuses the pattern: a backslash may only stand before `*`, `?`, `\`, `}` and `/`. */
export function readPattern(text: string): Pattern | undefined {
  const tokens: Token[] = [];
  const chars = Array.from(text);
  for (let at = 0; at < chars.length; at += 1) {
    const char = chars[at] ?? "";
    if (char === "*") tokens.push("any");
    else if (char === "?") tokens.push("one");
    else if (char !== "\\") tokens.push({ char });
    else {
      at += 1;
      const escaped = chars[at];
      if (escaped === undefined || !"*?\\}/".includes(escaped)) return undefined;
      tokens.push({ char: escaped });
    }
  }
  return tokens;
}

type Extent = "shortest" | "longest";

/** `${value#pattern}` and `##`. */
export function trimPrefix(value: string, pattern: Pattern, extent: Extent): string {
  const chars = Array.from(value);
  return chars.slice(Math.max(0, matchEnds(chars, pattern, extent)[0] ?? 0)).join("");
}

/** `${value%pattern}` and `%%`. */
export function trimSuffix(value: string, pattern: Pattern, extent: Extent): string {
  const chars = Array.from(value).reverse();
  const end = matchEnds(chars, [...pattern].reverse(), extent)[0] ?? 0;
  return chars.slice(Math.max(0, end)).reverse().join("");
}

/** `${value/pattern/replacement}` and `//`: the first match, or every one; each as long as can be. */
export function replacePattern(value: string, pattern: Pattern, replacement: string, all: boolean): string {
  const chars = Array.from(value);
  const ends = matchEnds(chars, pattern, "longest");
  const parts: string[] = [];
  let from = 0;
  let afterMatch = -1;
  for (let at = 0; at <= chars.length; at += 1) {
    const end = ends[at] ?? -1;
    // Right behind a match Go's regexp takes no empty one.
    if (end === -1 || (end === at && at === afterMatch)) continue;
    parts.push(chars.slice(from, at).join(""), replacement);
    from = end;
    if (!all) break;
    afterMatch = end;
    at = Math.max(at, end - 1);
  }
  return parts.join("") + chars.slice(from).join("");
}

/**
 * For every start, where the match that begins there ends, or -1: worked out from the end of the text backwards, in time
 * proportional to text times pattern, so that no pattern can make it explode as a backtracking regular expression would.
 */
function matchEnds(chars: readonly string[], pattern: Pattern, extent: Extent): Int32Array {
  const ends = new Int32Array(chars.length + 1);
  let behind = new Int32Array(pattern.length + 1).fill(-1);
  for (let at = chars.length; at >= 0; at -= 1) {
    const row = new Int32Array(pattern.length + 1).fill(-1);
    row[pattern.length] = at;
    for (let index = pattern.length - 1; index >= 0; index -= 1) {
      row[index] = endFrom(pattern[index] ?? "any", chars[at], row[index + 1] ?? -1, behind, index, extent);
    }
    ends[at] = row[0] ?? -1;
    behind = row;
  }
  return ends;
}

function endFrom(
  token: Token,
  char: string | undefined,
  rest: number,
  behind: Int32Array,
  index: number,
  extent: Extent,
): number {
  const wild = char !== undefined && char !== "\n";
  if (token === "any") {
    const more = wild ? (behind[index] ?? -1) : -1;
    return rest === -1 || (extent === "longest" && more !== -1) ? more : rest;
  }
  const matches = token === "one" ? wild : char === token.char;
  return matches ? (behind[index + 1] ?? -1) : -1;
}
