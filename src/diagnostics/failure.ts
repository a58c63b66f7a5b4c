import type { Diagnostic } from "./diagnostic.ts";

/**
 * The command line, the catalogue or the state of the repository is wrong: nothing was built and nothing was pushed.
 * Ends the program with exit code 2.
 */
export class RefusedError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[]) {
    super(diagnostics.map((each) => each.message).join("\n"));
    this.name = "RefusedError";
    this.diagnostics = diagnostics;
  }
}

/** A build, a test, a push or an answer from outside failed. Ends the program with exit code 1. */
export class FailedError extends Error {
  readonly diagnostics: readonly Diagnostic[];

  constructor(diagnostics: readonly Diagnostic[], options?: ErrorOptions) {
    super(diagnostics.map((each) => each.message).join("\n"), options);
    this.name = "FailedError";
    this.diagnostics = diagnostics;
  }
}
