/** The flow: load, detect, plan, compose, build, publish. */

export { engineRequest, withEngines } from "./run/choice.ts";
export { execute } from "./run/execute.ts";
export type { ExecuteIo, ExecuteOptions, Outcome } from "./run/model.ts";
export type { PlanOptions, Prepared } from "./run/prepare.ts";
export { checkCatalogue, explain, findRoot, preparePlan } from "./run/prepare.ts";
