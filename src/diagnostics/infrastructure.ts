import type { Diagnostic } from "./diagnostic.ts";

/** What nobody's files are to blame for, and what may be gone a little later. */
const codes: ReadonlySet<string> = new Set([
  "registry-unreachable",
  "registry-unavailable",
  "no-engine",
  "locked",
  "clone-is-publishing",
  "lock-lost",
  "lock-unreachable",
]);

/** Whether everything that went wrong is of the infrastructure, so that trying again may do (B33). False where nothing went wrong. */
export function isInfrastructure(problems: readonly Diagnostic[]): boolean {
  const errors = problems.filter(({ severity }) => severity === "error");
  return errors.length > 0 && errors.every(({ code }) => codes.has(code));
}
