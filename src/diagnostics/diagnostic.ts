/** A position in a text file: path relative to the catalogue's root with forward slashes, 1-based line and column (in UTF-16 units). */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The line a problem stands in and how many characters of it are meant, counted from the place's column. */
export interface Excerpt {
  readonly text: string;
  readonly length: number;
}

export type Severity = "error" | "warning";

/** A problem as data. The wording is complete here; `render.ts` alone decides how it looks. */
export interface Diagnostic {
  readonly severity: Severity;
  /** Stable, kebab-case, documented: `unknown-parent`. */
  readonly code: string;
  /** One sentence in the present tense: what is wrong with their thing, and what was expected. */
  readonly message: string;
  /** Undefined where no file is to blame, as for a registry's answer. */
  readonly at?: Place;
  readonly excerpt?: Excerpt;
  readonly notes: readonly DiagnosticNote[];
  /** Something a person can do, with the literal text. */
  readonly help?: string;
}

export interface DiagnosticNote {
  readonly message: string;
  readonly at?: Place;
}

type Details = Partial<Pick<Diagnostic, "at" | "excerpt" | "notes" | "help">>;

export const problem = (severity: Severity, code: string, message: string, details: Details = {}): Diagnostic => ({
  severity,
  code,
  message,
  notes: [],
  ...details,
});

export const error = (code: string, message: string, details?: Details): Diagnostic =>
  problem("error", code, message, details);

export const warning = (code: string, message: string, details?: Details): Diagnostic =>
  problem("warning", code, message, details);

export const hasErrors = (diagnostics: readonly Diagnostic[]): boolean =>
  diagnostics.some((each) => each.severity === "error");

/** Sorted by file, line, column, code; those without a place come first. Equal ones are kept once. */
export function sortDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  const unique = new Map(diagnostics.map((each) => [JSON.stringify(each), each]));
  return [...unique.values()].sort(
    (a, b) =>
      compare(a.at?.file ?? "", b.at?.file ?? "") ||
      (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
      (a.at?.column ?? 0) - (b.at?.column ?? 0) ||
      compare(a.code, b.code) ||
      compare(a.message, b.message),
  );
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
