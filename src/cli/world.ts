import type { Environment } from "../engines/processes.ts";
import type { Prompt } from "./prompt.ts";

/** Everything outside that a command touches, so that tests can be the outside. */
export interface World {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly environment: Environment;
  /** Absolute path that relative paths of the command line start from. */
  readonly directory: string;
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal;
  /** Undefined where there is nobody to ask: input or messages are no terminal. */
  readonly prompt?: Prompt | undefined;
}

export interface Output {
  write(text: string): void;
  readonly isTerminal: boolean;
  /** Width of the terminal; undefined where there is none. */
  readonly columns: number | undefined;
}
