/** One step of a pattern: a character that stands for itself, `?`, `*`, or a class such as `[a-z]`. */
type Token = { readonly char: string } | "one" | "any" | CharacterClass;

interface CharacterClass {
  readonly negated: boolean;
  /** First and last code point of each. */
  readonly ranges: readonly (readonly [low: number, high: number])[];
}

/**
 * A pattern for one name, without slashes, as Go's filepath.Match understands it; undefined where Go says that it is none. Takes
 * time proportional to pattern times name at most, where a regular expression with thirty stars takes years.
 */
export function compileNamePattern(pattern: string): ((name: string) => boolean) | undefined {
  const tokens: Token[] = [];
  const chars = Array.from(pattern);
  for (let at = 0; at < chars.length; ) {
    const read = readToken(chars, at);
    if (read === undefined) return undefined;
    if (read.token !== "any" || tokens.at(-1) !== "any") tokens.push(read.token);
    at = read.next;
  }
  return (name) => matches(tokens, Array.from(name));
}

interface Read<T> {
  readonly token: T;
  readonly next: number;
}

function readToken(chars: readonly string[], at: number): Read<Token> | undefined {
  const char = chars[at];
  if (char === "*") return { token: "any", next: at + 1 };
  if (char === "?") return { token: "one", next: at + 1 };
  if (char === "[") return readClass(chars, at + 1);
  const read = readCharacter(chars, at);
  return read && { token: { char: read.token }, next: read.next };
}

/** A backslash makes the character behind it stand for itself. */
function readCharacter(chars: readonly string[], at: number): Read<string> | undefined {
  const next = chars[at] === "\\" ? at + 1 : at;
  const char = chars[next];
  return char === undefined ? undefined : { token: char, next: next + 1 };
}

/** At least one character or range; `-` and `]` stand in it with a backslash. */
function readClass(chars: readonly string[], start: number): Read<CharacterClass> | undefined {
  const negated = chars[start] === "^";
  const ranges: [number, number][] = [];
  for (let at = negated ? start + 1 : start; ; ) {
    if (chars[at] === "]" && ranges.length > 0) return { token: { negated, ranges }, next: at + 1 };
    const low = readClassCharacter(chars, at);
    const high = low && chars[low.next] === "-" ? readClassCharacter(chars, low.next + 1) : low;
    if (low === undefined || high === undefined) return undefined;
    ranges.push([codeOf(low.token), codeOf(high.token)]);
    at = high.next;
  }
}

const readClassCharacter = (chars: readonly string[], at: number): Read<string> | undefined =>
  chars[at] === "-" || chars[at] === "]" ? undefined : readCharacter(chars, at);

/** Behind a star, all that can be needed later is to give the last star one character more: what came before has fitted. */
function matches(tokens: readonly Token[], name: readonly string[]): boolean {
  let [token, at, star, from] = [0, 0, -1, 0];
  while (at < name.length) {
    if (tokens[token] === "any") {
      star = token;
      from = at;
      token += 1;
    } else if (fits(tokens[token], name[at] ?? "")) {
      token += 1;
      at += 1;
    } else if (star >= 0) {
      token = star + 1;
      from += 1;
      at = from;
    } else return false;
  }
  return token === tokens.length || (tokens[token] === "any" && token === tokens.length - 1);
}

function fits(token: Token | undefined, char: string): boolean {
  if (token === undefined || token === "any") return false;
  if (token === "one") return true;
  if ("char" in token) return token.char === char;
  const code = codeOf(char);
  return token.ranges.some(([low, high]) => low <= code && code <= high) !== token.negated;
}

const codeOf = (char: string): number => char.codePointAt(0) ?? 0;
