import { ShellError, type ShellToken, tokensOf } from "./tokens.ts";

/** A script as a tree; words stand as they are written. */
export type ShellNode =
  | { readonly kind: "simple"; readonly words: readonly string[] }
  | { readonly kind: "list"; readonly nodes: readonly ShellNode[] }
  | { readonly kind: "and" | "or"; readonly left: ShellNode; readonly right: ShellNode }
  | { readonly kind: "not"; readonly node: ShellNode }
  /** What cannot change the shell that starts it: pipes, parentheses, what runs beside. */
  | { readonly kind: "apart" }
  | { readonly kind: "if"; readonly test: ShellNode; readonly yes: ShellNode; readonly no: ShellNode }
  | { readonly kind: "for"; readonly name: string; readonly words: readonly string[]; readonly body: ShellNode }
  | { readonly kind: "case"; readonly word: string; readonly items: readonly CaseItem[] }
  | { readonly kind: "function"; readonly name: string; readonly body: ShellNode };

interface CaseItem {
  readonly patterns: readonly string[];
  readonly body: ShellNode;
}

/** Throws `ShellError` for what is not followed: `while`, here-documents, arithmetic. */
export function parseShell(script: string): ShellNode {
  const parser = new Parser(tokensOf(script));
  const node = parser.list([]);
  if (!parser.isAtEnd) throw new ShellError("a word stands where none is expected");
  return node;
}

const nothing: ShellNode = { kind: "list", nodes: [] };

class Parser {
  readonly #tokens: readonly ShellToken[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly ShellToken[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#tokens.length;
  }

  /** Up to one of these words or operators, which is not taken. */
  list(ends: readonly string[]): ShellNode {
    if ((this.#depth += 1) > 100) throw new ShellError("it is nested too deeply");
    const nodes: ShellNode[] = [];
    for (;;) {
      while ([";", "\n", "&"].includes(this.#operator ?? "")) this.#at += 1;
      if (this.isAtEnd || ends.includes(this.#text)) break;
      const node = this.#chain();
      nodes.push(this.#operator === "&" ? { kind: "apart" } : node);
      if (!this.isAtEnd && ![";", "\n", "&", ...ends].includes(this.#text))
        throw new ShellError(`it cannot be read at ${this.#text}`);
    }
    this.#depth -= 1;
    return { kind: "list", nodes };
  }

  #chain(): ShellNode {
    let left = this.#pipe();
    for (let operator = this.#operator; operator === "&&" || operator === "||"; operator = this.#operator) {
      this.#at += 1;
      this.#lines();
      left = { kind: operator === "&&" ? "and" : "or", left, right: this.#pipe() };
    }
    return left;
  }

  #pipe(): ShellNode {
    if (this.#take("!")) return { kind: "not", node: this.#pipe() };
    let node = this.#command();
    while (this.#operator === "|") {
      this.#at += 1;
      this.#lines();
      this.#command();
      node = { kind: "apart" };
    }
    return node;
  }

  #command(): ShellNode {
    if (this.#operator === "(") return this.#apart();
    if (this.#take("if")) return this.#if();
    if (this.#take("for")) return this.#for();
    if (this.#take("case")) return this.#case();
    if (this.#take("{")) return this.#until(["}"]);
    if (this.#take("function")) return this.#function(this.#word());
    if (["while", "until", "select"].includes(this.#text)) throw new ShellError("loops are not followed");
    const words: string[] = [];
    for (let token = this.#tokens[this.#at]; token && "word" in token; token = this.#tokens[this.#at]) {
      words.push(token.word);
      this.#at += 1;
      if (words.length === 1 && this.#operator === "(") return this.#function(token.word);
    }
    if (words.length === 0) throw new ShellError("a command is missing");
    return { kind: "simple", words };
  }

  #apart(): ShellNode {
    this.#at += 1;
    this.#until([")"]);
    return { kind: "apart" };
  }

  #function(name: string): ShellNode {
    if (this.#operator === "(") this.#at += 2;
    this.#lines();
    return { kind: "function", name, body: this.#command() };
  }

  #if(): ShellNode {
    const test = this.#until(["then"]);
    const yes = this.list(["elif", "else", "fi"]);
    if (this.#take("elif")) return { kind: "if", test, yes, no: this.#if() };
    const no = this.#take("else") ? this.list(["fi"]) : nothing;
    this.#expect("fi");
    return { kind: "if", test, yes, no };
  }

  #for(): ShellNode {
    const name = this.#word();
    this.#lines();
    const words: string[] = [];
    if (this.#take("in")) while (this.#operator === undefined && !this.isAtEnd) words.push(this.#word());
    while (this.#operator === ";" || this.#operator === "\n") this.#at += 1;
    this.#expect("do");
    return { kind: "for", name, words, body: this.#until(["done"]) };
  }

  #case(): ShellNode {
    const word = this.#word();
    this.#lines();
    this.#expect("in");
    const items: CaseItem[] = [];
    for (this.#lines(); !this.#take("esac"); this.#lines()) {
      if (this.#operator === "(") this.#at += 1;
      const patterns = [this.#word()];
      while (this.#operator === "|") {
        this.#at += 1;
        patterns.push(this.#word());
      }
      this.#expect(")");
      items.push({ patterns, body: this.list([";;", "esac"]) });
      if (this.#operator === ";;") this.#at += 1;
    }
    return { kind: "case", word, items };
  }

  /** The list up to a word, which is taken. */
  #until(ends: readonly string[]): ShellNode {
    const node = this.list(ends);
    this.#expect(ends[0] ?? "");
    return node;
  }

  #lines(): void {
    while (this.#operator === "\n") this.#at += 1;
  }

  #word(): string {
    const token = this.#tokens[this.#at];
    if (!token || !("word" in token)) throw new ShellError("a word is missing");
    this.#at += 1;
    return token.word;
  }

  #take(text: string): boolean {
    const isNext = this.#text === text && !this.isAtEnd;
    if (isNext) this.#at += 1;
    return isNext;
  }

  #expect(text: string): void {
    if (!this.#take(text)) throw new ShellError(`"${text}" is missing`);
  }

  get #text(): string {
    const token = this.#tokens[this.#at];
    return token === undefined ? "" : "word" in token ? token.word : token.operator;
  }

  get #operator(): string | undefined {
    const token = this.#tokens[this.#at];
    return token && "operator" in token ? token.operator : undefined;
  }
}
