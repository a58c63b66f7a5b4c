import { posix } from "node:path";
import { createMatcher, parseIgnoreFile } from "../../../dockerfile/index.ts";
import { AssembleError } from "./assemble-error.ts";

/**
 * Reads `--exclude` patterns. They are those of an ignore file, count from the source of the copy, and are taken as they are: one
 * that begins with a slash or a `#` matches no path.
 */
export function excluder(written: readonly string[]): (path: string, isFolder: boolean) => boolean {
  const patterns = written.map(cleaned).filter((pattern) => pattern !== "");
  const { problems } = parseIgnoreFile(patterns.map((pattern) => pattern.replace(/^#/, "x")).join("\n"));
  if (problems[0]) throw new AssembleError(`--exclude: ${problems[0].message}`);
  const matcher = createMatcher(patterns);
  const exceptions = patterns.flatMap((pattern) => (pattern.startsWith("!") ? [`${pattern.slice(1)}/`] : []));
  return (path, isFolder) =>
    matcher.matches(path) && !(isFolder && exceptions.some((exception) => exception.startsWith(`${path}/`)));
}

/** Go's filepath.Clean. */
const cleaned = (pattern: string): string =>
  pattern.trim() === "" ? "" : posix.normalize(pattern.trim()).replace(/(?<=.)\/$/, "");
