import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { Call } from "./command.ts";

/** To stdout, or to the file that `--output` names. */
export async function writeAnswer(text: string, { values, world }: Call): Promise<void> {
  const output = values.text("output");
  if (output === undefined) return world.stdout.write(text);
  try {
    await writeFile(resolve(world.directory, output), text);
  } catch (cause) {
    const notes = [{ message: (cause as Error).message }];
    throw new FailedError([error("cannot-write", `${output} cannot be written`, { notes })], { cause });
  }
}
