import { isInfrastructure } from "../diagnostics/infrastructure.ts";
import type { CopyOutcome } from "../run/copies.ts";
import { exitCodes } from "./command.ts";

/** Home is published, whatever becomes of its copies; one that is behind ends the command as a push that failed. */
export function exitCodeOfCopies(copies: readonly CopyOutcome[] = []): number {
  const problems = copies.flatMap((each) => each.problems);
  if (problems.length === 0) return exitCodes.done;
  return isInfrastructure(problems) ? exitCodes.unavailable : exitCodes.failed;
}
