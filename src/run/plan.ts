import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { Plan } from "../plan/model.ts";
import type { PlanOptions } from "../plan/planning.ts";
import type { Destination } from "./choice.ts";
import type { CatalogueState, Session } from "./session.ts";

/** What a person may ask of a plan; absent keys mean what the command line means without the option. */
export interface PlanRequest {
  readonly since?: string | undefined;
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
  /** A plan document that was saved earlier, in place of the one made now; `name` is what messages call it. */
  readonly saved?: { readonly name: string; readonly text: string } | undefined;
  /**
   * Where the images would go; each build then says which engine makes it, and why, where `named`, where an
   * engine is forced, and in a saved plan. Made for nothing where the plan is built: that says it anyway.
   */
  readonly engines?: (Destination & { readonly named: boolean }) | undefined;
}

/** A plan and what it was made from. */
export interface Planned extends CatalogueState {
  readonly plan: Plan;
  readonly options: PlanOptions;
  /** Images that `--since published` could not read, so that the plan says nothing of them. */
  readonly unread: readonly Diagnostic[];
}

/** Load, detect, plan. Throws `RefusedError` with every problem of the catalogue when one of them is an error. */
export async function plan(session: Session, request: PlanRequest = {}): Promise<Planned> {
  const state = await session.read(request.since);
  const published = state.changes.since.kind === "published" ? await surveyRegistry(session, state) : undefined;
  const options: PlanOptions = {
    include: request.include ?? [],
    ignore: request.ignore ?? [],
    meaningful: state.catalogue.settings.meaningful,
    ...(published && { notPublished: published.notPublished }),
  };
  const made = makePlan(state.catalogue, state.changes, options);
  const warned = { ...made, warnings: [...made.warnings, ...(published?.warnings ?? [])] };
  const chosen = request.saved === undefined ? warned : await savedPlan(request.saved, warned, state);
  return {
    ...state,
    plan: await withEngines(chosen, session, state, request),
    options,
    unread: published?.problems ?? [],
  };
}

/** Loaded only where a registry is asked: most plans need none of it. */
async function surveyRegistry(session: Session, state: CatalogueState) {
  const { surveyPublished } = await import("../status/survey.ts");
  return surveyPublished({ ...state, registries: await session.asking(), signal: session.signal });
}

/** Throws `RefusedError` when it is no plan, or is the plan of another commit (B22). */
async function savedPlan(
  { name, text }: NonNullable<PlanRequest["saved"]>,
  made: Plan,
  { catalogue }: CatalogueState,
): Promise<Plan> {
  const { readPlanDocument } = await import("../plan/document.ts");
  return readPlanDocument(text, name, { ...made, repo: catalogue.settings.repo });
}

/** Composing costs time that a short plan need not pay. */
async function withEngines(
  made: Plan,
  session: Session,
  { catalogue }: CatalogueState,
  { engines, saved }: PlanRequest,
): Promise<Plan> {
  const asked = engines?.named || catalogue.settings.engine !== undefined || saved !== undefined;
  if (engines === undefined || !asked) return made;
  const choice = await import("./choice.ts");
  return choice.withEngines(made, catalogue, choice.engineWish(session, catalogue, engines));
}
