import type { Diagnostic, Place } from "./diagnostic.ts";

/** A problem as scripts read it: all fields always there but `at` and `help`, which are left out where there are none. */
export interface DiagnosticDocument {
  readonly severity: Diagnostic["severity"];
  readonly code: string;
  readonly message: string;
  readonly at?: Place;
  readonly notes: readonly { readonly message: string; readonly at?: Place }[];
  readonly help?: string;
}

export const diagnosticDocument = ({ severity, code, message, at, notes, help }: Diagnostic): DiagnosticDocument => ({
  severity,
  code,
  message,
  ...(at ? { at } : {}),
  notes,
  ...(help === undefined ? {} : { help }),
});
