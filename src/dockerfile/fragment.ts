import type { Range } from "../diagnostics/text.ts";
import type { Dockerfile, Instruction } from "./model.ts";

/** What of a Dockerfile's text would reach into a text put behind it (B24). */
export interface Leftovers {
  /** A continuation that the text ends in: its escape character. */
  readonly continuation?: Range;
  /** A heredoc that nothing ends. */
  readonly heredoc?: Range;
  /** Directives count only at the beginning of a whole Dockerfile. */
  readonly directives: readonly Range[];
  /** The last USER of the last stage, or of the whole text where it has no FROM. */
  readonly user?: Instruction;
}

export function leftovers({ directives, instructions, stages, problems }: Dockerfile): Leftovers {
  const found = (code: string): Range | undefined => problems.find((each) => each.code === code)?.range;
  const continuation = found("dangling-continuation");
  const heredoc = found("unterminated-heredoc");
  const user = lastUser(stages.at(-1)?.instructions ?? instructions);
  return {
    directives: directives.map((each) => each.range),
    ...(continuation === undefined ? {} : { continuation }),
    ...(heredoc === undefined ? {} : { heredoc }),
    ...(user === undefined ? {} : { user }),
  };
}

export const lastUser = (instructions: readonly Instruction[]): Instruction | undefined =>
  instructions.findLast((each) => each.keyword === "USER");
