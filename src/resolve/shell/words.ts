import { expandWord } from "../../dockerfile/index.ts";
import { endOfPart } from "./tokens.ts";

/** What a word stands for; undefined where that is not known. */
export type Value = { readonly text: string; readonly words: readonly string[] } | undefined;

interface ShellNames {
  /** Undefined for a variable whose value is not known; absent where there is none. */
  readonly variables: ReadonlyMap<string, string | undefined>;
  /** `$0`, `$1`… */
  readonly parameters: readonly string[];
  readonly home: string;
  /** What a command prints; undefined where that is not known. */
  output(command: string): string | undefined;
}

export function valueOf(word: string, names: ShellNames): Value {
  const own = new Map<string, string>();
  if (word.length > longest) return undefined;
  const text = withNames(withHome(word, names.home), names, own);
  if (text === undefined) return undefined;
  const known = [...names.variables].flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  const expanded = expandWord(text, new Map([...known, ...own]));
  const isUnknown = expanded.unset.some((name) => names.variables.has(name) && names.variables.get(name) === undefined);
  if (isUnknown || expanded.problem !== undefined || expanded.value.length > longest) return undefined;
  const isQuoted = /["']/.test(word);
  return { text: expanded.value, words: isQuoted && expanded.words.length === 0 ? [""] : expanded.words };
}

/** Characters of a word and of what it stands for: a hostile script must not fill the memory. */
const longest = 16 * 1024;

const withHome = (word: string, home: string): string =>
  word.replace(/^((?:\w+=)?)~(?=\/|$)/, (_, before: string) => before + home);

/** Parameters and the output of commands as variables of their own; undefined where an output is not known. */
function withNames(word: string, names: ShellNames, own: Map<string, string>): string | undefined {
  let text = "";
  for (let at = 0, isQuoted = false; at < word.length; ) {
    if (word[at] === '"') isQuoted = !isQuoted;
    const end = word[at] === '"' || (isQuoted && word[at] === "'") ? at + 1 : endOfPart(word, at);
    const part = word.slice(at, end);
    const special = /^\$(?:([0-9#@*?$-])|\{([0-9#@*?])\}|([0-9#@*?$-]))$/.exec(
      word.slice(at, at + (part.length === 1 ? 2 : part.length)),
    );
    const command = commandOf(part);
    if (special) {
      text += nameFor(parameterOf(special[1] ?? special[2] ?? "", names.parameters), own);
      at += special[0].length;
      continue;
    }
    if (command !== undefined) {
      const output = names.output(command);
      if (output === undefined) return undefined;
      text += nameFor(output, own);
    } else text += part;
    at = end;
  }
  return text;
}

const commandOf = (part: string): string | undefined =>
  part.startsWith("$(") ? part.slice(2, -1) : part.startsWith("`") ? part.slice(1, -1) : undefined;

function nameFor(value: string, own: Map<string, string>): string {
  const name = `__word_${own.size}`;
  own.set(name, value);
  return `\${${name}}`;
}

/** A shell that runs a command is not interactive. */
function parameterOf(mark: string, parameters: readonly string[]): string {
  if (mark === "#") return String(Math.max(0, parameters.length - 1));
  if (mark === "@" || mark === "*") return parameters.slice(1).join(" ");
  if (mark === "-") return "hBc";
  return /\d/.test(mark) ? (parameters[Number(mark)] ?? "") : "0";
}

/** Whether a text is as a pattern of the shell says. In time that grows with the product of their lengths, whatever they are. */
export function matchesPattern(pattern: string, text: string): boolean {
  const parts = pattern.match(/\[[!^]?\]?[^\]]*\]|\\.|[^]/g) ?? [];
  let [at, from, star, mark] = [0, 0, -1, 0];
  while (from < text.length) {
    const part = parts[at];
    if (part === "*") {
      [star, mark] = [at, from];
      at += 1;
    } else if (part !== undefined && matchesOne(part, text[from] ?? "")) {
      at += 1;
      from += 1;
    } else if (star !== -1) {
      mark += 1;
      [at, from] = [star + 1, mark];
    } else return false;
  }
  return parts.slice(at).every((part) => part === "*");
}

function matchesOne(part: string, character: string): boolean {
  if (part === "?") return true;
  if (part.length === 2 && part.startsWith("\\")) return part[1] === character;
  if (part.length < 3 || !part.startsWith("[")) return part === character;
  const isNot = part[1] === "!" || part[1] === "^";
  const set = part.slice(isNot ? 2 : 1, -1);
  const isIn = [...set.matchAll(/([^])-([^])|([^])/g)].some(([, low, high, one]) =>
    one === undefined ? (low ?? "") <= character && character <= (high ?? "") : one === character,
  );
  return isIn !== isNot;
}
