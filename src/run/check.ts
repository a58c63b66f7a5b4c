import { absentSubmodules } from "../catalogue/absent-submodules.ts";
import { contextProblems, contextsOf } from "../catalogue/check-context.ts";
import { idleTriggers } from "../catalogue/check-triggers.ts";
import { bindingProblems } from "../catalogue/compat-fragments.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { type Diagnostic, hasErrors, sortDiagnostics } from "../diagnostics/diagnostic.ts";
import { impossibleBuilds } from "./impossible.ts";
import type { Session } from "./session.ts";

/** A catalogue, whether or not it can be planned. */
export interface Checked {
  readonly catalogue: Catalogue;
  /** Every problem, also of files that builds will not find, of builds that no engine can make, and of what binds a layer to one. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Needs no git. */
export async function check(session: Pick<Session, "catalogue" | "options">): Promise<Checked> {
  const catalogue = await session.catalogue();
  const missing = [...absentSubmodules(catalogue.root), ...contextProblems(catalogue, contextsOf(catalogue))];
  const bound = [...catalogue.compat.flatMap(bindingProblems), ...idleTriggers(catalogue)];
  const impossible = hasErrors(catalogue.diagnostics) ? [] : await impossibleBuilds(session, catalogue);
  const all = [...catalogue.diagnostics, ...missing, ...bound, ...impossible];
  return { catalogue, diagnostics: sortDiagnostics(all) };
}
