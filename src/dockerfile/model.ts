import type { Severity } from "../diagnostics/diagnostic.ts";
import type { Range } from "../diagnostics/text.ts";

/**
 * A Dockerfile as BuildKit's parser reads it, with the place of everything in the text.
 * All ranges count UTF-16 units of `text`, a byte order mark included.
 */
export interface Dockerfile {
  readonly text: string;
  /** The escape character, from `# escape=`. */
  readonly escape: Escape;
  readonly directives: readonly Directive[];
  /** In the order of the text, the unknown ones included; those behind ONBUILD are in their `inner`. */
  readonly instructions: readonly Instruction[];
  /** Every ARG before the first FROM. */
  readonly metaArgs: readonly Instruction[];
  readonly stages: readonly Stage[];
  readonly problems: readonly DockerfileProblem[];
}

export type Escape = "\\" | "`";

/** A parser directive such as `# syntax=docker/dockerfile:1`; the name is lower-cased. */
export interface Directive {
  readonly name: string;
  readonly value: string;
  readonly range: Range;
}

/** What `locate` and `problem` of the diagnostics room need beside the file's name. */
export interface DockerfileProblem {
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly range: Range;
  readonly help?: string;
}

export interface Instruction {
  /** Upper case. */
  readonly keyword: string;
  /** From the keyword's first character to the last of its arguments; heredoc bodies are not in it. */
  readonly range: Range;
  /** The arguments without flags; empty, behind the keyword, where there are none. */
  readonly argsRange: Range;
  readonly flags: readonly Flag[];
  /**
   * One line: continuations joined, comment lines inside them dropped, white space at both ends trimmed (for ONBUILD, whose
   * arguments go into the image as they are, at the beginning only). Nothing is expanded.
   */
  readonly args: string;
  /** Set where BuildKit takes the arguments for a JSON array of strings. Undefined means shell form. */
  readonly json?: readonly string[];
  readonly heredocs: readonly Heredoc[];
  /** The arguments as the instruction splits them; the elements of `json` where it has that form. Empty for shell text such as RUN's. */
  readonly words: readonly Word[];
  /** The pairs of ENV, LABEL and ARG, not expanded and with their quotes. */
  readonly pairs: readonly Pair[];
  /** The instruction behind ONBUILD. */
  readonly inner?: Instruction;
}

/** `--name` or `--name=value`, without the quotes and escapes of the text; a flag may be given more than once. */
export interface Flag {
  readonly name: string;
  readonly value?: string;
  readonly range: Range;
  readonly valueRange?: Range;
  /** The fields of `RUN --mount=`; undefined for every other flag. */
  readonly fields?: readonly Field[];
}

/** `key=value` or `key` in a `--mount`; the key is lower-cased, the range is that of the value (of the key where there is none). */
export interface Field {
  readonly key: string;
  readonly value?: string;
  readonly range: Range;
}

/** A part of an instruction. Its range may hold a continuation that `text` does not. */
export interface Word {
  readonly text: string;
  readonly range: Range;
}

/** `value` is undefined for `ARG NAME` alone. The key is written as in the text. */
export interface Pair {
  readonly key: string;
  readonly value?: string;
  readonly range: Range;
}

/** `<<NAME`: `expand` is false where the name is quoted, `chomp` is `<<-` (leading tabs are cut from each line). */
export interface Heredoc {
  readonly name: string;
  readonly expand: boolean;
  readonly chomp: boolean;
  /** The file descriptor before `<<`: undefined is the standard input. */
  readonly fd?: number;
  /** As in the text, with its line ends; tabs are not cut yet, nothing is expanded. */
  readonly content: string;
  /** The body, without the line that ends it. */
  readonly range: Range;
}

/** One FROM and what follows it. */
export interface Stage {
  readonly index: number;
  /** Lower-cased, as BuildKit compares it. */
  readonly name?: string;
  readonly from: Instruction;
  /** As written, before substitution; undefined for a FROM without image. */
  readonly base?: Word;
  /** As written. */
  readonly platform?: string;
  /** Those behind FROM. */
  readonly instructions: readonly Instruction[];
}

/** A place in a Dockerfile that names an image rather than a stage. */
export interface ImageReference {
  readonly via: "from" | "copy" | "mount";
  /** Index of the stage it stands in. */
  readonly stage: number;
  /** True for the one whose layers the last stage begins with. */
  readonly final: boolean;
  readonly written: string;
  /** Exactly what has to be replaced to name another image: for `--from=` and `from=` the value alone. */
  readonly range: Range;
  /** After substitution; `scratch` is the empty image. */
  readonly name: string;
  /** Names of the arguments that had no value, and without which the image is not known. */
  readonly unresolved: readonly string[];
}

/** A need that not every engine meets, and the place that has it. */
export interface FeatureUse {
  readonly feature: Feature;
  /** Undefined for a parser directive. */
  readonly instruction?: Instruction;
  readonly range: Range;
}

export type Feature =
  | "run"
  | "run-mount"
  | "run-network"
  | "run-security"
  | "run-device"
  | "heredoc"
  | "copy-link"
  | "copy-chmod"
  | "copy-exclude"
  | "copy-parents"
  | "add-url"
  | "add-git"
  | "add-checksum"
  | "add-unpack"
  | "add-keep-git-dir"
  | "pattern-expansion"
  | "syntax-directive"
  | "healthcheck-start-interval"
  | "onbuild";
