import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { locate, type Range } from "../diagnostics/text.ts";
import type { SourceText } from "./model.ts";

/** Ranges by key (`image`), or by key and index (`includes.0`). */
type Ranges = Readonly<Record<string, Range>>;

/** A parsed JSON document whose every value knows its place. */
export interface JsonDocument {
  readonly text: string;
  /** Objects have no prototype, so that `__proto__` is an ordinary key. Undefined when the text is no JSON at all. */
  readonly value: unknown;
  /** Of each value, by path joined with dots; the root is "". */
  readonly places: Ranges;
  /** Of each key, by path of the value it belongs to. */
  readonly keys: Ranges;
  /** The source spelling of each number, by path: `2.10`. */
  readonly spellings: Readonly<Record<string, string>>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads JSON that may carry `#`, `//` and block comments and trailing commas (B2). Never throws. */
export function readJson(source: SourceText): JsonDocument {
  const errors: ParseError[] = [];
  const tree = treeOf(source.text, errors);
  const reader = new TreeReader(source);
  const value = tree === undefined ? undefined : reader.read(tree, "");
  const syntax = errors.map((each) => syntaxError(source, each));
  const { places, keys, spellings } = reader;
  const diagnostics = [...syntax.slice(0, 1), ...reader.diagnostics];
  return { text: source.text, value, places, keys, spellings, diagnostics };
}

/** The parser calls itself for every level, and a document of brackets alone would exhaust its stack. */
function treeOf(text: string, errors: ParseError[]): Node | undefined {
  try {
    return parseTree(maskComments(text), errors, { allowTrailingComma: true, allowEmptyContent: false });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    errors.push({ error: 1, offset: 0, length: 1 });
    return undefined;
  }
}

/**
 * The value alone, quickly: undefined for whatever `readJson` has more to say about, such as a mistake, a key that is
 * given twice, or a number as version.
 */
export function readPlainJson(text: string): Record<string, unknown> | undefined {
  let keys = 0;
  const plain = text.replace(tokens, (token, colon: string | undefined) => {
    if (token.startsWith('"')) keys += colon === undefined ? 0 : 1;
    return token.startsWith('"') ? token : "";
  });
  try {
    const value: unknown = JSON.parse(plain);
    return isPlain(value) && countKeys(value) === keys && !hasNumberVersion(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Texts (with the colon behind a key), comments, and commas before a closing bracket. */
const tokens = /"(?:[^"\\\n]|\\.)*"(\s*:)?|\/\/[^\n]*|\/\*[\s\S]*?\*\/|#[^\n]*|,(?=\s*[}\]])|^\uFEFF/g;

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const hasNumberVersion = ({ version, variants }: Record<string, unknown>): boolean =>
  typeof version === "number" ||
  (Array.isArray(variants) && variants.some((each) => isPlain(each) && typeof each["version"] === "number"));

/** Of all objects in it; definitions are three levels deep, and deeper ones are left to `readJson`. */
function countKeys(value: unknown, depth = 0): number {
  if (typeof value !== "object" || value === null) return 0;
  if (depth > 8) return Number.NaN;
  const inner = Object.values(value).reduce((sum: number, each) => sum + countKeys(each, depth + 1), 0);
  return inner + (Array.isArray(value) ? 0 : Object.keys(value).length);
}

/** `#` comments and a byte order mark become spaces, so that offsets stay true. */
function maskComments(text: string): string {
  if (!text.includes("#") && !text.startsWith("\uFEFF")) return text;
  const parts = /"(?:[^"\\\n]|\\.)*"?|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|#[^\n]*/g;
  return text.replace(/^\uFEFF/, " ").replace(parts, (part) => (part.startsWith("#") ? " ".repeat(part.length) : part));
}

const syntaxWords: Readonly<Record<string, string>> = {
  InvalidSymbol: "this is neither a value nor punctuation that JSON knows",
  InvalidNumberFormat: "this is not a number as JSON writes it",
  PropertyNameExpected: "a key in double quotes is expected here",
  ValueExpected: "a value is expected here",
  ColonExpected: "a colon is expected between key and value",
  CommaExpected: "a comma is expected before this",
  CloseBraceExpected: 'the object is not closed, "}" is expected',
  CloseBracketExpected: 'the list is not closed, "]" is expected',
  EndOfFileExpected: "the document ends before this; nothing more is expected",
  UnexpectedEndOfString: "the text is not closed, a double quote is expected",
  UnexpectedEndOfComment: "the comment is not closed",
  InvalidEscapeCharacter: "this escape is not one that JSON knows",
  InvalidCharacter: "this character may not stand in a text; escape it",
};

function syntaxError(source: SourceText, found: ParseError): Diagnostic {
  const range = { start: found.offset, end: found.offset + Math.max(1, found.length) };
  const name = printParseErrorCode(found.error);
  return error("invalid-json", syntaxWords[name] ?? `the JSON is not well formed (${name})`, {
    ...locate(source.path, source.text, range),
    help: "keys and texts stand in double quotes; comments (#, //, /* */) and a comma behind the last value are fine",
  });
}

/** Deeper documents are refused: a definition has three levels. */
const deepest = 32;

class TreeReader {
  readonly places = noRanges();
  readonly keys = noRanges();
  readonly spellings = Object.create(null) as Record<string, string>;
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: SourceText;

  constructor(source: SourceText) {
    this.#source = source;
  }

  read(node: Node, path: string, depth = 0): unknown {
    this.places[path] = rangeOf(node);
    if (depth > deepest) return this.#refuse(node, "too-deep", "values are nested too deeply here");
    if (node.type === "object") return this.#object(node, path, depth);
    if (node.type === "array")
      return (node.children ?? []).map((each, at) => this.read(each, join(path, String(at)), depth + 1));
    if (node.type === "number") this.spellings[path] = this.#source.text.slice(node.offset, node.offset + node.length);
    return node.value as unknown;
  }

  #object(node: Node, path: string, depth: number): unknown {
    const result: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const { children } of node.children ?? []) {
      const [key, value] = children ?? [];
      if (key === undefined || value === undefined) continue;
      const name = key.value as string;
      if (name in result) this.#duplicate(key, join(path, name));
      this.keys[join(path, name)] = rangeOf(key);
      result[name] = this.read(value, join(path, name), depth + 1);
    }
    return result;
  }

  #duplicate(key: Node, path: string): void {
    const first = this.keys[path] ?? rangeOf(key);
    const notes = [{ message: "it is first given here", at: locate(this.#source.path, this.#source.text, first).at }];
    const message = `the key ${JSON.stringify(key.value)} is given twice`;
    this.diagnostics.push(error("duplicate-key", message, { ...this.#locate(key), notes, help: "keep one of them" }));
  }

  #refuse(node: Node, code: string, message: string): undefined {
    this.diagnostics.push(error(code, message, this.#locate(node)));
    return undefined;
  }

  #locate(node: Node) {
    return locate(this.#source.path, this.#source.text, rangeOf(node));
  }
}

/** Without a prototype: paths are keys that somebody else chose. */
const noRanges = (): Record<string, Range> => Object.create(null) as Record<string, Range>;

const rangeOf = (node: Node): Range => ({ start: node.offset, end: node.offset + node.length });

const join = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);
