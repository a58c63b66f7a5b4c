import type { Dockerfile, Instruction } from "./model.ts";
import { parseDockerfile } from "./parse.ts";

/**
 * Whether two Dockerfiles differ only in comments and in white space that cannot reach the image (B13): blank lines,
 * indentation, line ends, blanks between words, continuations. Text that a shell reads counts to the last blank, and so do
 * heredocs and parser directives. What BuildKit would refuse is equal to itself alone: when in doubt, false.
 */
export function sameInstructions(a: string, b: string): boolean {
  if (a === b) return true;
  const [one, other] = [parseDockerfile(a), parseDockerfile(b)];
  if (isRefused(one) || isRefused(other)) return false;
  return canonical(one) === canonical(other);
}

/** A part of a composed Dockerfile has no FROM of its own. */
const harmless = new Set(["no-from", "instruction-before-from"]);

const isRefused = ({ problems }: Dockerfile): boolean =>
  problems.some(({ severity, code }) => severity === "error" && !harmless.has(code));

const canonical = (dockerfile: Dockerfile): string =>
  JSON.stringify([
    dockerfile.directives.map(({ name, value }) => [name, value]),
    dockerfile.instructions.map((each) => canonicalInstruction(each, dockerfile.text)),
  ]);

function canonicalInstruction(instruction: Instruction, text: string): unknown[] {
  return [
    // As written: the case of a keyword is neither a comment nor white space.
    text.slice(instruction.range.start, instruction.range.start + instruction.keyword.length),
    instruction.flags.map(({ name, value }) => [name, value]),
    canonicalArguments(instruction, text),
    // Their marks are in the arguments.
    instruction.heredocs.map((each) => each.content),
  ];
}

function canonicalArguments(instruction: Instruction, text: string): unknown[] {
  const { keyword, args, json, words, pairs } = instruction;
  switch (keyword) {
    case "FROM":
    case "COPY":
    case "ADD":
    case "EXPOSE":
    case "VOLUME":
      return [json !== undefined, ...words.map((word) => word.text)];
    case "ENV":
    case "LABEL":
    case "ARG":
      // The old form `ENV name value` reads differently from `ENV name=value` in the history.
      return [isOldForm(instruction, text), ...pairs.map(({ key, value }) => [key, value])];
    case "CMD":
    case "ENTRYPOINT":
    case "SHELL":
      return json === undefined ? [args] : [true, ...json];
    default:
      return [args];
  }
}

const isOldForm = ({ pairs }: Instruction, text: string): boolean =>
  pairs.some(({ key, value, range }) => value !== undefined && text[range.start + key.length] !== "=");
