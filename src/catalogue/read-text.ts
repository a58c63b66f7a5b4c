import { constants, readFileSync } from "node:fs";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import type { SourceText } from "./model.ts";

/** Larger recipes and definitions are no work of people. Characters. */
const longestText = 4 * 1024 * 1024;

/** Neither follows a link nor waits for a pipe. */
const flag = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Where the texts of a catalogue are. */
export interface TextFiles {
  /** Absolute. */
  readonly root: string;
  /** Texts that count in place of those on disk, by path: what git has, where a checkout filter made others of it. */
  readonly converted: ReadonlyMap<string, string>;
  /** Texts that were read from disk a moment ago, by path, and are not read again. */
  readonly known?: ReadonlyMap<string, SourceText>;
}

/** The text of a plain file below the root, `undefined` where there is none, or what is wrong with it. */
export function readText(
  { root, converted, known }: TextFiles,
  path: string,
): { source: SourceText } | { problem: Diagnostic } | undefined {
  const text = converted.get(path);
  if (text !== undefined) return { source: { path, text } };
  const source = known?.get(path);
  return source === undefined ? readFromDisk(root, path) : { source };
}

function readFromDisk(root: string, path: string): ReturnType<typeof readText> {
  try {
    const text = readFileSync(`${root}/${path}`, { encoding: "utf8", flag: flag as unknown as string });
    return text.length > longestText ? { problem: tooLong(path, text.length) } : { source: { path, text } };
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    if (code === "ENOENT") return undefined;
    return { problem: code === "ELOOP" || code === "EISDIR" ? notPlain(path, code) : unreadable(path, message) };
  }
}

const start = { line: 1, column: 1 };

const tooLong = (path: string, length: number): Diagnostic =>
  error("file-too-large", `${path} has ${length} characters; at most ${longestText} are read`, {
    at: { file: path, ...start },
  });

const notPlain = (path: string, code: string): Diagnostic =>
  error(
    "not-a-plain-file",
    `${path} is a ${code === "ELOOP" ? "symbolic link, and changes behind it would go unseen" : "directory"}; a plain file is expected`,
    { at: { file: path, ...start }, help: "put the file itself there" },
  );

const unreadable = (path: string, words: string): Diagnostic =>
  error("unreadable-file", `${path} cannot be read`, {
    at: { file: path, ...start },
    notes: [{ message: words }],
    help: "check its permissions",
  });
