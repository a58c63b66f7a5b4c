import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import type { ScienceVerdict, TrustFindings } from "./model.ts";

/** Something was not found or could not be read: no proof, and no contradiction either. */
export const unread = (message: string, details?: Parameters<typeof error>[2]): Diagnostic =>
  error("not-proven", message, details);

/** What contradicts the claim that the image is what its labels say. */
export const contradiction = (code: string, message: string, details?: Parameters<typeof error>[2]): Diagnostic =>
  error(code, message, details);

/** Any contradiction outweighs what could not be read. */
export function weigh(findings: TrustFindings): ScienceVerdict {
  const errors = findings.filter((each) => each.severity === "error");
  if (errors.some((each) => each.code !== "not-proven")) return "changed";
  return errors.length > 0 ? "unknown" : "untouched";
}

/** The problems of a failure outside; anything else that was thrown is a mistake of this program and goes on. */
export function problemsOf(failure: unknown): readonly Diagnostic[] {
  if (failure instanceof FailedError || failure instanceof RefusedError) return failure.diagnostics;
  throw failure;
}

/** `sha256:0123456789ab…`, enough to tell apart by eye. */
export const short = (digest: string): string => `${digest.slice(0, 19)}…`;
