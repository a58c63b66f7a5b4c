import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { error } from "../../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../../diagnostics/failure.ts";

/**
 * Writes files below a folder and returns their paths as they are named to the user. Throws `RefusedError` where one is there already,
 * and then writes none.
 */
export function writeNew(
  directory: string,
  output: string,
  files: readonly { readonly path: string; readonly text: string }[],
): string[] {
  const named = files.map(({ path }) => join(output, path));
  const there = named.filter((path) => existsSync(resolve(directory, path)));
  if (there.length > 0) throw new RefusedError(there.map(alreadyThere));
  for (const [at, { text }] of files.entries()) writeOne(directory, named[at] ?? "", text);
  return named;
}

function writeOne(directory: string, path: string, text: string): void {
  const file = resolve(directory, path);
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: "wx" });
  } catch (cause) {
    const notes = [{ message: (cause as Error).message }];
    throw new FailedError([error("cannot-write", `${path} cannot be written`, { notes })], { cause });
  }
}

const alreadyThere = (path: string) =>
  error("already-there", `${path} is there already, and nothing is overwritten`, {
    help: "write to another folder with --output, and compare",
  });
