import type { Instruction } from "../../../dockerfile/index.ts";
import type { AssembleError } from "./assemble-error.ts";

/** An `AssembleError` and the instruction that it came up in. */
export class PlaceError extends Error {
  readonly instruction: Instruction;
  readonly help: string | undefined;

  constructor(cause: AssembleError, instruction: Instruction) {
    super(cause.message, { cause });
    this.name = "PlaceError";
    this.instruction = instruction;
    this.help = cause.help;
  }
}
