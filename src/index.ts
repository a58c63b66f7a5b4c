/** The public names of the library: the flow, the values it passes on, and how it fails. */

export type { Catalogue, CompatLayer, ScienceLayer, Settings } from "./catalogue/model.ts";
export type { ChangeSet } from "./changes/model.ts";
export type { Diagnostic } from "./diagnostics/diagnostic.ts";
export { FailedError, RefusedError } from "./diagnostics/failure.ts";
export { renderDiagnostics } from "./diagnostics/render.ts";
export type { Plan, PlannedBuild, Reason } from "./plan/model.ts";
export type { ExplainedBuild, Explanation } from "./plan/why.ts";
export {
  checkCatalogue,
  type ExecuteIo,
  type ExecuteOptions,
  execute,
  explain,
  type Outcome,
  type PlanOptions,
  type Prepared,
  preparePlan,
} from "./run.ts";
