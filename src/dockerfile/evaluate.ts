import { formatPlatform, imagePlatform } from "../oci/platform.ts";
import { chompTabs, readHeredocMark } from "./heredocs.ts";
import type { Dockerfile, Escape, Instruction } from "./model.ts";
import { type ExpandedWord, expandWord, type Variables } from "./shell.ts";

export type BuildArguments = Readonly<Record<string, string>>;

export interface EvaluationContext {
  readonly escape: Escape;
  /** What `globalArguments` gave for the Dockerfile. */
  readonly globals: Variables;
  readonly buildArgs: BuildArguments;
}

/** An instruction with variables substituted where BuildKit does so, quotes and escapes taken off there. */
export interface EvaluatedInstruction {
  readonly instruction: Instruction;
  /** Of ADD, COPY, EXPOSE, STOPSIGNAL, USER, VOLUME and WORKDIR; of other instructions as in the text. */
  readonly words: readonly string[];
  /** Of ENV, LABEL and ARG. For ARG, undefined means that nothing gave it a value. */
  readonly pairs: readonly { readonly key: string; readonly value?: string }[];
  /** `--chown` and `--chmod` are expanded, and `--checksum` of ADD. */
  readonly flags: readonly { readonly name: string; readonly value?: string }[];
  /** The files that heredocs of COPY and ADD stand for, in the order of `words`, without leading tabs where `<<-` says so. */
  readonly files: readonly InlineFile[];
  /** Variables without a value, by name. */
  readonly unset: readonly string[];
  /** What BuildKit ends the build with, such as an open quote. The first one only. */
  readonly problem?: string;
}

export interface InlineFile {
  /** The index of its `<<NAME` in `words`, which holds it unexpanded. */
  readonly word: number;
  readonly name: string;
  readonly content: string;
}

export interface Evaluation {
  readonly instructions: readonly EvaluatedInstruction[];
  /** Behind the last instruction, with the values of ARG; a stage that starts from this one begins with all of it. */
  readonly environment: Variables;
}

const platformArguments: Variables = new Map([
  ["BUILDPLATFORM", formatPlatform(imagePlatform)],
  ["BUILDOS", imagePlatform.os],
  ["BUILDOSVERSION", ""],
  ["BUILDARCH", imagePlatform.architecture],
  ["BUILDVARIANT", ""],
  ["TARGETPLATFORM", formatPlatform(imagePlatform)],
  ["TARGETOS", imagePlatform.os],
  ["TARGETOSVERSION", ""],
  ["TARGETARCH", imagePlatform.architecture],
  ["TARGETVARIANT", ""],
  ["TARGETSTAGE", "default"],
]);

/** What FROM can use: the platform arguments and every ARG before the first FROM that has a value. */
export function globalArguments({ escape, metaArgs }: Dockerfile, buildArgs: BuildArguments): Variables {
  const globals = new Map(platformArguments);
  for (const [name, value] of Object.entries(buildArgs)) if (globals.has(name)) globals.set(name, value);
  for (const { key, value } of metaArgs.flatMap((each) => each.pairs)) {
    const given =
      own(buildArgs, key) ?? (value === undefined ? undefined : expandWord(value, globals, { escape }).value);
    if (given !== undefined) globals.set(key, given);
  }
  return globals;
}

/** Evaluates one instruction after the other. */
export interface Evaluator {
  /** As it is now: every ENV and ARG changes it. */
  readonly environment: Variables;
  next(instruction: Instruction): EvaluatedInstruction;
}

/**
 * `start` is what the base brings: the Env of its configuration (with a PATH, which BuildKit adds where there is none),
 * or the environment of the stage that FROM names.
 */
export function createEvaluator(start: Variables, context: EvaluationContext): Evaluator {
  const environment = new Map(start);
  const room = { left: mostCharacters };
  return {
    environment,
    next(instruction) {
      if (instruction.keyword === "ARG") return declareArguments(instruction, environment, context, room);
      const evaluated = evaluate(instruction, environment, context.escape, room);
      if (instruction.keyword !== "ENV") return evaluated;
      for (const { key, value } of evaluated.pairs) environment.set(key, value ?? "");
      return evaluated;
    },
  };
}

/** What all words of a Dockerfile may become together; `ENV A=$A$A` and thousands of variables with the value of another are long. */
const mostCharacters = 4_000_000;

/** Characters that may still come out of words. */
interface Room {
  left: number;
}

export function evaluateInstructions(
  instructions: readonly Instruction[],
  start: Variables,
  context: EvaluationContext,
): Evaluation {
  const evaluator = createEvaluator(start, context);
  return { instructions: instructions.map((each) => evaluator.next(each)), environment: evaluator.environment };
}

/** A later ARG sees the earlier ones of the same instruction, unlike ENV. A default is expanded only where it is used. */
function declareArguments(
  instruction: Instruction,
  environment: Map<string, string>,
  context: EvaluationContext,
  room: Room,
): EvaluatedInstruction {
  const expand = expander(environment, context.escape, room);
  const pairs = instruction.pairs.map(({ key, value: written }) => {
    const fallback = (): string | undefined =>
      written === undefined ? context.globals.get(key) : expand.word(written);
    const value = own(context.buildArgs, key) ?? fallback();
    if (value !== undefined) environment.set(key, value);
    return value === undefined ? { key } : { key, value };
  });
  return { instruction, words: [], pairs, flags: [], files: [], ...expand.outcome() };
}

const expandedWords = new Set(["ADD", "COPY", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"]);

function evaluate(instruction: Instruction, environment: Variables, escape: Escape, room: Room): EvaluatedInstruction {
  const { keyword, pairs } = instruction;
  const expand = expander(environment, escape, room);
  const written = instruction.words.map((word) => word.text);
  const files = inlineFiles(instruction, environment);
  const isFile = new Set(files.map((file) => file.word));
  return {
    instruction,
    words:
      keyword === "EXPOSE"
        ? written.flatMap(expand.words)
        : written.map((word, index) => (expandedWords.has(keyword) && !isFile.has(index) ? expand.word(word) : word)),
    pairs: pairs.map(({ key, value }) => ({ key: expand.word(key), value: expand.word(value ?? "") })),
    flags: instruction.flags.map((flag) => expandFlag(keyword, flag, expand.word)),
    files,
    ...expand.outcome(),
  };
}

function expandFlag(
  keyword: string,
  { name, value }: { name: string; value?: string },
  expand: (word: string) => string,
) {
  if (value === undefined) return { name };
  const expands =
    (keyword === "COPY" || keyword === "ADD") && (name === "chown" || name === "chmod" || name === "checksum");
  return { name, value: expands ? expand(value) : value };
}

/** Within a heredoc quotes mean nothing and the escape character is always a backslash. */
function inlineFiles({ keyword, words, heredocs }: Instruction, environment: Variables): InlineFile[] {
  if (keyword !== "COPY" && keyword !== "ADD") return [];
  const byName = new Map(heredocs.map((each) => [each.name, each]));
  return words.slice(0, -1).flatMap((word, index) => {
    const mark = readHeredocMark(word.text);
    if (mark === undefined) return [];
    const body = byName.get(mark.name)?.content ?? "";
    const content = mark.chomp ? chompTabs(body) : body;
    const expanded = mark.expand ? expandWord(content, environment, { quotes: "ignore" }).value : content;
    return [{ word: index, name: mark.name, content: expanded }];
  });
}

interface Expander {
  readonly word: (text: string) => string;
  readonly words: (text: string) => readonly string[];
  readonly outcome: () => Pick<EvaluatedInstruction, "unset" | "problem">;
}

function expander(environment: Variables, escape: Escape, room: Room): Expander {
  const unset = new Set<string>();
  let problem: string | undefined;
  const expand = (text: string): ExpandedWord => {
    const expanded = room.left < 0 ? tooMuch : expandWord(text, environment, { escape });
    room.left -= Math.max(expanded.value.length, expanded.produced);
    for (const name of expanded.unset) unset.add(name);
    problem ??= expanded.problem;
    return expanded;
  };
  return {
    word: (text) => expand(text).value,
    words: (text) => expand(text).words,
    outcome: () => ({ unset: [...unset], ...(problem === undefined ? {} : { problem }) }),
  };
}

const tooMuch: ExpandedWord = {
  value: "",
  words: [],
  unset: [],
  missing: [],
  produced: 0,
  problem: `the words of the Dockerfile become longer than ${mostCharacters} characters`,
};

const own = (values: BuildArguments, name: string): string | undefined =>
  Object.hasOwn(values, name) ? values[name] : undefined;
