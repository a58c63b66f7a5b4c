import type { CopyOutcome } from "../run/copies.ts";
import { codeFor } from "./report.ts";

/** Home is published, whatever becomes of its copies; one that is behind ends the command as a push that failed. */
export const exitCodeOfCopies = (copies: readonly CopyOutcome[] = []): number =>
  codeFor(copies.flatMap((each) => each.problems));
