import { createMatcher, parseIgnoreFile } from "../../../dockerfile/index.ts";
import { AssembleError } from "./assemble-error.ts";

/** Reads `--exclude` patterns, which are those of a `.dockerignore` and count from the source of the copy. */
export function excluder(written: readonly string[]): (path: string, isFolder: boolean) => boolean {
  const { patterns, problems } = parseIgnoreFile(written.join("\n"));
  if (problems[0]) throw new AssembleError(`--exclude: ${problems[0].message}`);
  const matcher = createMatcher(patterns);
  const exceptions = patterns.flatMap((pattern) => (pattern.startsWith("!") ? [`${pattern.slice(1)}/`] : []));
  return (path, isFolder) =>
    matcher.matches(path) && !(isFolder && exceptions.some((exception) => exception.startsWith(`${path}/`)));
}
