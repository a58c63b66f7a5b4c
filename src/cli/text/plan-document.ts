import { type DiagnosticDocument, diagnosticDocument } from "../../diagnostics/render-json.ts";
import type { Plan } from "../../plan/model.ts";

/** The plan as it is written to files and to stdout; docs/commands.md describes it. */
type PlanDocument = Omit<Plan, "warnings"> & { readonly warnings: readonly DiagnosticDocument[] };

export const planDocument = (plan: Plan): PlanDocument => ({
  ...plan,
  warnings: plan.warnings.map(diagnosticDocument),
});
