import type { Severity } from "../diagnostics/diagnostic.ts";
import type { Range } from "../diagnostics/text.ts";
import type { DockerfileProblem } from "./model.ts";

/** Where the reader's parts leave what they find wrong. */
export interface Findings {
  readonly problems: readonly DockerfileProblem[];
  /** More would not be kept. */
  isFull(): boolean;
  error(code: string, message: string, range: Range, help?: string): void;
  warning(code: string, message: string, range: Range, help?: string): void;
}

/** A text that is no Dockerfile at all has something wrong on every line; the first of them are enough. */
const enough = 100;

export function collectFindings(): Findings {
  const problems: DockerfileProblem[] = [];
  const add = (severity: Severity, code: string, message: string, range: Range, help?: string): void => {
    if (problems.length >= enough) return;
    problems.push({ severity, code, message, range, ...(help === undefined ? {} : { help }) });
  };
  return {
    problems,
    isFull: () => problems.length >= enough,
    error: (...found) => add("error", ...found),
    warning: (...found) => add("warning", ...found),
  };
}
