import type { Findings } from "./findings.ts";
import { readFlags } from "./flags.ts";
import { type JsonForm, readJsonWords } from "./json-words.ts";
import { type LogicalLine, rangeIn } from "./lines.ts";
import type { Escape, Instruction, Word } from "./model.ts";
import { type Arguments, readArguments, readPairs } from "./pairs.ts";
import { isBlank, skipSpaces, trimSpaces } from "./spaces.ts";
import { splitWords, wordAt } from "./words.ts";

export interface Reading {
  readonly escape: Escape;
  readonly findings: Findings;
}

/** Reads the instruction on a joined line, from an offset in it on: an instruction behind ONBUILD starts in the middle. */
export function readInstruction(line: LogicalLine, from: number, reading: Reading): Instruction {
  const start = skipSpaces(line.text, from, line.text.length);
  const end = trimSpaces(line.text, start, line.text.length);
  let behind = start;
  while (behind < end && !isBlank(line.text[behind])) behind += 1;
  const keyword = line.text.slice(start, behind).toUpperCase();
  const { flags, rest } = readFlags(line, behind, end);
  // A trigger goes into the image with the blanks at its end.
  const to = keyword === "ONBUILD" ? line.text.length : end;
  const args: Arguments = { line, from: skipSpaces(line.text, rest, to), to };
  return {
    keyword,
    range: rangeIn(line, start, end),
    argsRange: rangeIn(line, args.from, args.to),
    flags,
    args: line.text.slice(args.from, args.to),
    heredocs: [],
    words: [],
    pairs: [],
    ...readParts(keyword, args, reading),
  };
}

type Parts = Partial<Pick<Instruction, "json" | "words" | "pairs" | "inner">>;

/** How each instruction splits its arguments: the dispatch table of BuildKit's parser. */
function readParts(keyword: string, args: Arguments, reading: Reading): Parts {
  switch (keyword) {
    case "FROM":
    case "EXPOSE":
      return { words: splitWords(args.line, args.from, args.to) };
    case "COPY":
    case "ADD":
    case "VOLUME":
      return readJsonOr(args, reading, splitWords);
    case "CMD":
    case "ENTRYPOINT":
    case "RUN":
    case "SHELL":
      return readJsonOr(args, reading, () => []);
    case "HEALTHCHECK":
      return readHealthcheck(args, reading);
    case "USER":
    case "WORKDIR":
    case "STOPSIGNAL":
    case "MAINTAINER":
      return { words: args.to > args.from ? [wordAt(args.line, args.from, args.to)] : [] };
    case "ENV":
    case "LABEL":
      return { pairs: readPairs(args, keyword, reading.escape, reading.findings) };
    case "ARG":
      return { pairs: readArguments(args, reading.escape) };
    case "ONBUILD":
      return readTrigger(args, reading);
    default:
      return {};
  }
}

function readJsonOr(
  args: Arguments,
  { findings }: Reading,
  otherwise: (line: LogicalLine, from: number, to: number) => Word[],
): Parts {
  const form: JsonForm = readJsonWords(args.line, args.from, args.to);
  if (form === "not-strings") {
    const range = rangeIn(args.line, args.from, args.to);
    findings.error("json-not-strings", "the JSON array holds something else than strings", range);
  }
  if (form === undefined || form === "not-strings") return { words: otherwise(args.line, args.from, args.to) };
  return { json: form.map((word) => word.text), words: form };
}

/** Its first word is the type, NONE or CMD; what follows is JSON or shell form. */
function readHealthcheck({ line, from, to }: Arguments, reading: Reading): Parts {
  let end = from;
  while (end < to && !isBlank(line.text[end])) end += 1;
  if (end === from) return {};
  const type = wordAt(line, from, end);
  const command = skipSpaces(line.text, end, to);
  const parts = readJsonOr({ line, from: command, to }, reading, () =>
    command < to ? [wordAt(line, command, to)] : [],
  );
  return { ...parts, words: [type, ...(parts.words ?? [])] };
}

/** One level deep only: BuildKit refuses ONBUILD ONBUILD, and a text may hold a hundred thousand of them. */
function readTrigger(args: Arguments, reading: Reading): Parts {
  if (args.to === args.from) return {};
  if (/^onbuild(?:\s|$)/i.test(args.line.text.slice(args.from, args.from + 8))) return {};
  return { inner: readInstruction(args.line, args.from, reading) };
}
