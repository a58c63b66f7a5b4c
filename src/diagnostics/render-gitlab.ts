import { createHash } from "node:crypto";
import type { Diagnostic } from "./diagnostic.ts";

/**
 * GitLab's code quality report, a JSON array:
 * https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 * A problem without a file is put at the first line of `image-builder.json`, since GitLab drops findings without a path.
 */
export function renderGitlab(diagnostics: readonly Diagnostic[]): string {
  const findings = diagnostics.map(finding);
  return `${JSON.stringify(findings, null, 2)}\n`;
}

const finding = (diagnostic: Diagnostic, index: number, all: readonly Diagnostic[]): object => ({
  description: diagnostic.help === undefined ? diagnostic.message : `${diagnostic.message} (${diagnostic.help})`,
  check_name: diagnostic.code,
  fingerprint: fingerprint(diagnostic, all.slice(0, index).filter((other) => sameProblem(other, diagnostic)).length),
  severity: diagnostic.severity === "error" ? "major" : "minor",
  location: { path: fileOf(diagnostic), lines: { begin: diagnostic.at?.line ?? 1 } },
});

/** Without the line, so that GitLab knows a problem again when text above it grows. */
const fingerprint = (diagnostic: Diagnostic, occurrence: number): string =>
  createHash("sha256")
    .update([diagnostic.code, fileOf(diagnostic), diagnostic.message, String(occurrence)].join("\0"))
    .digest("hex");

const sameProblem = (a: Diagnostic, b: Diagnostic): boolean =>
  a.code === b.code && a.message === b.message && a.at?.file === b.at?.file;

const fileOf = ({ at }: Diagnostic): string => at?.file ?? "image-builder.json";
