import { type Node, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { locate } from "../diagnostics/text.ts";
import type { Places, SourceText } from "./model.ts";

/** A parsed JSON document whose every value knows its place. */
export interface JsonDocument {
  readonly text: string;
  /** Objects have no prototype, so that `__proto__` is an ordinary key. Undefined when the text is no JSON at all. */
  readonly value: unknown;
  /** Of each value, by path joined with dots; the root is "". */
  readonly places: Places;
  /** Of each key, by path of the value it belongs to. */
  readonly keys: Places;
  /** The source spelling of each number, by path: `2.10`. */
  readonly spellings: Readonly<Record<string, string>>;
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads JSON that may carry `#`, `//` and block comments and trailing commas (B2). Never throws. */
export function readJson(source: SourceText): JsonDocument {
  const errors: ParseError[] = [];
  const tree = parseTree(maskComments(source.text), errors, { allowTrailingComma: true, allowEmptyContent: false });
  const reader = new TreeReader(source);
  const value = tree === undefined ? undefined : reader.read(tree, "");
  const syntax = errors.map((each) => syntaxError(source, each));
  return { ...reader, text: source.text, value, diagnostics: [...syntax.slice(0, 1), ...reader.diagnostics] };
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
  readonly places: Record<string, Places[string]> = {};
  readonly keys: Record<string, Places[string]> = {};
  readonly spellings: Record<string, string> = {};
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: SourceText;

  constructor(source: SourceText) {
    this.#source = source;
  }

  read(node: Node, path: string, depth = 0): unknown {
    this.places[path] = this.#placeOf(node);
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
      this.keys[join(path, name)] = this.#placeOf(key);
      result[name] = this.read(value, join(path, name), depth + 1);
    }
    return result;
  }

  #duplicate(key: Node, path: string): void {
    const notes = [{ message: "it is first given here", at: this.keys[path]?.place }].filter(
      (each) => each.at !== undefined,
    );
    const message = `the key ${JSON.stringify(key.value)} is given twice`;
    this.diagnostics.push(error("duplicate-key", message, { ...this.#locate(key), notes, help: "keep one of them" }));
  }

  #refuse(node: Node, code: string, message: string): undefined {
    this.diagnostics.push(error(code, message, this.#locate(node)));
    return undefined;
  }

  #placeOf(node: Node): Places[string] {
    const range = { start: node.offset, end: node.offset + node.length };
    return { range, place: this.#locate(node).at };
  }

  #locate(node: Node) {
    return locate(this.#source.path, this.#source.text, { start: node.offset, end: node.offset + node.length });
  }
}

const join = (path: string, key: string): string => (path === "" ? key : `${path}.${key}`);
