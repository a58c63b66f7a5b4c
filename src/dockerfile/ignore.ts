import { posix } from "node:path";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import type { Range } from "../diagnostics/text.ts";
import { byteOrderMark } from "./directives.ts";
import { compilePattern, type IgnorePattern } from "./ignore-pattern.ts";
import { lineAt } from "./lines.ts";
import type { DockerfileProblem } from "./model.ts";

export interface IgnoreFile {
  /** Cleaned as BuildKit cleans them, an exception with its `!`; for `createMatcher`. */
  readonly patterns: readonly string[];
  /** Patterns that BuildKit ends the build with. They are left out of `patterns`. */
  readonly problems: readonly DockerfileProblem[];
}

/**
 * Reads a `.dockerignore`: a pattern a line, `#` at the very start of a line makes it a comment.
 * https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function parseIgnoreFile(text: string): IgnoreFile {
  const patterns: string[] = [];
  const problems: DockerfileProblem[] = [];
  for (let at = text.startsWith(byteOrderMark) ? byteOrderMark.length : 0; at < text.length; ) {
    const line = lineAt(text, at);
    at = line.next;
    const written = text.slice(line.start, line.end);
    const pattern = written.startsWith("#") ? "" : cleanPattern(written.trim());
    if (pattern === "") continue;
    if (compilePattern(pattern) === undefined) problems.push(badPattern(written, { start: line.start, end: line.end }));
    else patterns.push(pattern);
  }
  return { patterns, problems };
}

/** Go's filepath.Clean, and no slash at either end. */
function cleanPattern(line: string): string {
  if (line === "") return "";
  const isException = line.startsWith("!");
  const path = isException ? line.slice(1).trim() : line;
  const clean = path === "" ? "" : posix.normalize(path).replace(/(.)\/$/, "$1");
  const relative = clean.length > 1 && clean.startsWith("/") ? clean.slice(1) : clean;
  return isException ? `!${relative}` : relative;
}

const badPattern = (written: string, range: Range): DockerfileProblem => ({
  severity: "error",
  code: "bad-ignore-pattern",
  message:
    written.trim() === "!"
      ? 'the pattern "!" keeps nothing: a path follows it'
      : `"${written.trim()}" is not a pattern`,
  range,
});

/** What is known of a folder, to be handed to `look` with each of its entries. */
export type IgnoreState = readonly boolean[];

export interface IgnoreVerdict {
  readonly ignored: boolean;
  readonly state: IgnoreState;
  /**
   * For a folder: nothing below it is kept, so a walk need not enter it. An ignored folder without this is entered, and
   * is part of the context if something below it is.
   */
  readonly prune: boolean;
}

export interface IgnoreMatcher {
  /** Whether a path is left out of the context. Paths are relative, with slashes, without `./`. */
  matches(path: string): boolean;
  /** The same for a walk from the top down; `parent` is the state of the folder it stands in, undefined at the top. */
  look(path: string, parent?: IgnoreState): IgnoreVerdict;
}

/**
 * Matches as `MatchesUsingParentResults` of moby/patternmatcher: what matched a folder matches everything in it, if it
 * was asked there; a pattern is asked only where it would change the verdict so far. The last match decides. Throws
 * `RefusedError` where patterns are made to take long.
 */
export function createMatcher(patterns: readonly string[]): IgnoreMatcher {
  let steps = mostSteps;
  const spend = (count: number): void => {
    steps -= count;
    if (steps < 0) throw tooLong();
  };
  const compiled = patterns.map((pattern) => compilePattern(pattern, spend)).filter((each) => each !== undefined);
  const exceptions = compiled.filter((each) => each.isException);
  const look = (path: string, parent?: IgnoreState): IgnoreVerdict => {
    let ignored = false;
    spend(compiled.length - stepsOfPath);
    const state = compiled.map((pattern, index) => {
      const asked = pattern.isException === ignored;
      const matches = parent?.[index] === true || (asked && pattern.matches(path));
      if (matches) ignored = !pattern.isException;
      return matches;
    });
    return { ignored, state, prune: ignored && !exceptions.some((each) => reachesBelow(each, path)) };
  };
  return { look, matches: (path) => verdictFor(path, look).ignored };
}

/** The matcher of an ignore file, made once for each that was read. */
export function matcherOf(file: { readonly text: string }): IgnoreMatcher {
  const known = matchers.get(file) ?? createMatcher(parseIgnoreFile(file.text).patterns);
  matchers.set(file, known);
  return known;
}

const matchers = new WeakMap<object, IgnoreMatcher>();

/** Steps of matching, beside those that each path may take. Ordinary patterns take one or two for each of their characters. */
const mostSteps = 30_000_000;
const stepsOfPath = 10_000;

const tooLong = (): RefusedError =>
  new RefusedError([
    error("slow-patterns", "the patterns of an ignore file, or of --exclude, take too long to be matched", {
      help: "use fewer patterns, or fewer wildcards in them",
    }),
  ]);

function verdictFor(path: string, look: IgnoreMatcher["look"]): IgnoreVerdict {
  let verdict: IgnoreVerdict | undefined;
  for (let slash = path.indexOf("/"); slash !== -1; slash = path.indexOf("/", slash + 1)) {
    verdict = look(path.slice(0, slash), verdict?.state);
  }
  return look(path, verdict?.state);
}

function reachesBelow({ literal, isLiteral }: IgnorePattern, path: string): boolean {
  const folder = `${path}/`;
  return literal.startsWith(folder) || (!isLiteral && folder.startsWith(literal));
}
