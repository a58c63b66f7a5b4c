import { absentSubmodules } from "../catalogue/absent-submodules.ts";
import { contextProblems } from "../catalogue/check-context.ts";
import { bindingProblems } from "../catalogue/compat-fragments.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { type Diagnostic, sortDiagnostics } from "../diagnostics/diagnostic.ts";
import type { Session } from "./session.ts";

/** A catalogue, whether or not it can be planned. */
export interface Checked {
  readonly catalogue: Catalogue;
  /** Every problem, also of files that builds will not find, and the instructions that bind a compat layer to an engine. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Needs no git. */
export async function check(session: Pick<Session, "catalogue">): Promise<Checked> {
  const catalogue = await session.catalogue();
  const missing = [...absentSubmodules(catalogue.root), ...contextProblems(catalogue)];
  const bound = catalogue.compat.flatMap(bindingProblems);
  return { catalogue, diagnostics: sortDiagnostics([...catalogue.diagnostics, ...missing, ...bound]) };
}
