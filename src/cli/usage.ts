import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";

/** The command line is wrong: exit code 2, with what to write instead. */
export const usageError = (message: string, help: string): RefusedError =>
  new RefusedError([error("usage", message, { help })]);
