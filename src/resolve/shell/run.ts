import { commandAt } from "../commands.ts";
import type { EnvironmentVariables, View } from "../view.ts";
import { globbed } from "./glob.ts";
import { parseShell, type ShellNode } from "./parse.ts";
import { evaluateTest, not, type Status } from "./test.ts";
import { ShellError } from "./tokens.ts";
import { matchesPattern, type Value, valueOf } from "./words.ts";

/** What files leave behind that a shell reads when it starts. */
interface StartedShell {
  /** What programs get that the shell starts. */
  readonly variables: EnvironmentVariables;
  /** Files with something that is not followed and may matter, without a slash. */
  readonly code: readonly string[];
}

/**
 * Follows start files of bash as far as that can be done without running anything. Other programs cannot change the shell that starts
 * them and are passed over. Where a condition is not known, both ways are gone, and what differs then is not known.
 */
export function startShell(files: readonly string[], view: View): StartedShell {
  const shell = new ShellRun(view);
  for (const file of files) shell.source(file);
  shell.sourceOwn();
  return shell.end();
}

/** What `return` and `exit` leave. */
class Left extends Error {
  readonly isAll: boolean;
  constructor(isAll: boolean) {
    super();
    this.isAll = isAll;
  }
}

const mostSteps = 50_000;

class ShellRun {
  readonly #view: View;
  #variables: Map<string, string | undefined>;
  readonly #exported: Set<string>;
  readonly #functions = new Map<string, ShellNode>();
  readonly #code = new Set<string>();
  /** Where a variable got a value that is not known. */
  readonly #unknown = new Map<string, string>();
  #parameters: readonly string[] = ["bash"];
  #file = "";
  #depth = 0;
  #unsure = 0;
  #steps = 0;

  constructor(view: View) {
    this.#view = view;
    this.#variables = new Map([...view.variables, ["BASH", "/bin/bash"], ["BASH_VERSION", "5"], ["USER", undefined]]);
    this.#exported = new Set(view.variables.keys());
  }

  /** Reads a file that is there into the shell; what stops it ends the file alone. */
  source(path: string): Status {
    const entry = this.#view.at(path);
    if (entry?.type !== "file" || !this.#view.user.may(entry, 4)) return false;
    const text = this.#view.text(path);
    const outer = this.#file;
    this.#file = entry.path;
    try {
      if (text === undefined || this.#depth > 20) return this.#giveUp();
      this.#depth += 1;
      return this.#run(parseShell(text));
    } catch (failure) {
      if (failure instanceof ShellError) return this.#giveUp();
      if (failure instanceof Left && !(failure.isAll && outer !== "")) return undefined;
      throw failure;
    } finally {
      this.#depth -= 1;
      this.#file = outer;
    }
  }

  /** What BASH_ENV names: bash reads it last when it is not interactive. */
  sourceOwn(): void {
    const path = this.#variables.get("BASH_ENV") ?? "";
    if (path !== "") this.source(path.startsWith("/") ? path : `${this.#view.workingFolder}/${path}`);
  }

  end(): StartedShell {
    const variables = new Map<string, string>();
    for (const [name, value] of this.#variables) {
      if (!this.#exported.has(name)) continue;
      if (value !== undefined) variables.set(name, value);
      else if (resolving.test(name)) this.#code.add(this.#unknown.get(name) ?? this.#file);
    }
    return { variables, code: [...this.#code] };
  }

  #giveUp(): undefined {
    this.#code.add(this.#file);
  }

  #run(node: ShellNode): Status {
    if ((this.#steps += 1) > mostSteps) throw new ShellError("it does not end");
    if (node.kind === "simple") return this.#simple(node.words);
    if (node.kind === "list") return node.nodes.reduce<Status>((_, each) => this.#run(each), true);
    if (node.kind === "not") return not(this.#run(node.node));
    if (node.kind === "if") return this.#choose(this.#run(node.test), node.yes, node.no);
    if (node.kind === "and") {
      const left = this.#run(node.left);
      return left === false ? false : this.#choose(left, node.right, nothing);
    }
    if (node.kind === "or") {
      const left = this.#run(node.left);
      return left === true ? true : this.#choose(left, nothing, node.right);
    }
    if (node.kind === "for") return this.#for(node);
    if (node.kind === "case") return this.#case(node);
    if (node.kind === "function") this.#functions.set(node.name, node.body);
    return node.kind === "function" ? true : undefined;
  }

  #choose(status: Status, yes: ShellNode, no: ShellNode): Status {
    if (status !== undefined) return this.#run(status ? yes : no);
    const before = new Map(this.#variables);
    this.#unsure += 1;
    this.#run(yes);
    const after = this.#variables;
    this.#variables = before;
    this.#run(no);
    this.#unsure -= 1;
    for (const name of new Set([...after.keys(), ...this.#variables.keys()]))
      if (after.get(name) !== this.#variables.get(name) || after.has(name) !== this.#variables.has(name))
        this.#set(name, undefined);
    return undefined;
  }

  #for({ name, words, body }: Extract<ShellNode, { kind: "for" }>): Status {
    const values = words.map((word) => this.#value(word));
    if (values.includes(undefined)) return this.#giveUp();
    for (const value of values.flatMap((each) => (each?.words ?? []).flatMap((word) => globbed(word, this.#view)))) {
      this.#set(name, value);
      this.#run(body);
    }
    return true;
  }

  #case({ word, items }: Extract<ShellNode, { kind: "case" }>): Status {
    const value = this.#value(word);
    if (!value) return this.#oneOf(items.map(({ body }) => body));
    for (const { patterns, body } of items)
      for (const pattern of patterns) {
        const found = this.#value(pattern);
        if (!found) return this.#oneOf(items.map((each) => each.body));
        if (matchesPattern(found.text, value.text)) return this.#run(body);
      }
    return true;
  }

  #oneOf(bodies: readonly ShellNode[]): Status {
    for (const body of bodies) this.#choose(undefined, body, nothing);
    return undefined;
  }

  #simple(words: readonly string[]): Status {
    const at = words.findIndex((word) => !assignment.test(word));
    if (at === -1) {
      for (const word of words) this.#assign(word);
      return true;
    }
    const expanded = words
      .slice(at)
      .flatMap((word): readonly (string | undefined)[] => this.#value(word)?.words ?? [undefined]);
    const [name, ...rest] = expanded;
    if (name === undefined) return this.#giveUp();
    if (name === "export" || name === "declare" || name === "typeset" || name === "readonly" || name === "local")
      return this.#declare(name, words.slice(at + 1));
    const body = this.#functions.get(name);
    if (body) return this.#call(body, [name, ...rest.map((each) => each ?? "")]);
    return this.#command(name, rest);
  }

  #command(name: string, rest: readonly (string | undefined)[]): Status {
    if (name === "[" || name === "test") return evaluateTest(name === "[" ? rest.slice(0, -1) : rest, this.#view);
    if (name === "[[") return rest.at(-1) === "]]" ? evaluateTest(rest.slice(0, -1), this.#view, true) : undefined;
    if (name === "true" || name === ":") return true;
    if (name === "false") return false;
    if (name === "." || name === "source") {
      const path = rest[0];
      return path?.includes("/") ? this.source(path) : this.#giveUp();
    }
    if (name === "unset") {
      for (const each of rest) if (each !== undefined) this.#variables.delete(each);
      return true;
    }
    if (name === "return" || name === "exit") {
      if (this.#unsure === 0) throw new Left(name === "exit");
      return this.#giveUp();
    }
    if (["command", "type", "which", "hash"].includes(name))
      return this.#isThere(rest.filter((each) => !each?.startsWith("-"))[0]);
    const isOpen =
      ["eval", "exec", "cd", "pushd", "enable"].includes(name) ||
      (name === "set" && rest.some((each) => /^-\w*a/.test(each ?? "")));
    if (isOpen) return this.#giveUp();
    if (name === "read" || name === "mapfile" || name === "printf")
      for (const each of rest) if (each && this.#variables.has(each)) this.#set(each, undefined);
    return harmless.has(name) ? true : undefined;
  }

  #isThere(name: string | undefined): Status {
    return name === undefined
      ? undefined
      : this.#functions.has(name) || commandAt(name, this.#view, this.#known()) !== undefined;
  }

  #call(body: ShellNode, parameters: readonly string[]): Status {
    const outer = this.#parameters;
    if (this.#depth > 20) return this.#giveUp();
    this.#parameters = parameters;
    this.#depth += 1;
    try {
      return this.#run(body);
    } catch (failure) {
      if (failure instanceof Left && !failure.isAll) return undefined;
      throw failure;
    } finally {
      this.#depth -= 1;
      this.#parameters = outer;
    }
  }

  #declare(name: string, words: readonly string[]): Status {
    const options = words.filter((word) => /^[-+]/.test(word));
    if (options.some((each) => each.includes("f") || each.includes("n"))) return true;
    const isExported = name === "export" || options.some((each) => each.includes("x"));
    for (const word of words) {
      if (options.includes(word)) continue;
      const own = /^\w+/.exec(word)?.[0];
      if (own === undefined) return this.#giveUp();
      if (assignment.test(word)) this.#assign(word);
      if (isExported) this.#exported.add(own);
    }
    return true;
  }

  #assign(word: string): void {
    const [, name = "", mark = "", text = ""] = assignment.exec(word) ?? [];
    const value = text.startsWith("(") ? undefined : this.#value(text);
    const before = mark === "+" ? this.#variables.get(name) : "";
    this.#set(name, value && before !== undefined ? before + value.text : undefined);
  }

  #set(name: string, value: string | undefined): void {
    this.#variables.set(name, value);
    if (value === undefined) this.#unknown.set(name, this.#file);
  }

  #value(word: string): Value {
    return valueOf(word, {
      variables: this.#variables,
      parameters: this.#parameters,
      home: this.#variables.get("HOME") ?? this.#view.user.home,
      output: (command) => this.#output(command.trim()),
    });
  }

  #output(command: string): string | undefined {
    const { user, workingFolder } = this.#view;
    const known: Readonly<Record<string, string>> = {
      "id -u": String(user.uid),
      "id -un": user.name,
      whoami: user.name,
      pwd: workingFolder || "/",
    };
    return Object.hasOwn(known, command) ? known[command] : undefined;
  }

  #known(): EnvironmentVariables {
    return new Map(
      [...this.#variables].flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])),
    );
  }
}

const nothing: ShellNode = { kind: "list", nodes: [] };

const assignment = /^([A-Za-z_]\w*)(\+?)=(.*)$/s;

/** Builtins that change nothing that programs get. */
const harmless: ReadonlySet<string> = new Set(
  "alias bind complete echo set shopt stty trap ulimit umask unalias".split(" "),
);

/** Variables that lead programs to other files; what they do is worked out. */
export const resolving =
  /^(?:PATH|HOME|PYTHON(?:PATH|HOME|USERBASE|NOUSERSITE|SAFEPATH|DONTWRITEBYTECODE)|LD_(?:LIBRARY_PATH|PRELOAD)|R_\w+|JUPYTER_PATH|BASH_ENV)$/;
