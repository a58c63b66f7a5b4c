import { noEffect } from "../catalogue/check-effect.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import type { Refreshes } from "../judge/refreshes.ts";
import { parseUniqueTag } from "../naming/unique-tag.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { Plan } from "../plan/model.ts";
import type { PlanOptions } from "../plan/planning.ts";
import type { Destination } from "./choice.ts";
import { meetsTriggers, unmakeable } from "./impossible.ts";
import { missingSources } from "./missing-sources.ts";
import type { CatalogueState, Session } from "./session.ts";

/** What a person may ask of a plan; absent keys mean what the command line means without the option. */
export interface PlanRequest {
  readonly since?: string | undefined;
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
  /** Directories, images and image-versions to build anew although nothing changed, and nothing else (B52). */
  readonly refresh?: readonly string[];
  /** For publishing: what a registry cannot tell then cannot be passed over. */
  readonly push?: boolean | undefined;
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
  /** Why builds of the plan cannot go well; the plan warns of it, and a build is refused. */
  readonly obstacles: readonly Diagnostic[];
  /** Images that `--since published` could not read, so that the plan says nothing of them. */
  readonly unread: readonly Diagnostic[];
  /** What the registry holds of refreshes, where it was asked. */
  readonly refreshes?: Refreshes;
}

/** Load, detect, plan. Throws `RefusedError` with every problem of the catalogue when one of them is an error. */
export async function plan(session: Session, request: PlanRequest = {}): Promise<Planned> {
  const saved = request.saved && (await readSaved(request.saved));
  const state = await readFor(session, saved, request);
  const published = state.changes.since.kind === "published" ? await surveyRegistry(session, state) : undefined;
  const asked: PlanOptions = {
    include: request.include ?? [],
    ignore: request.ignore ?? [],
    meaningful: state.catalogue.settings.meaningful,
    ...(published && { notPublished: published.notPublished }),
  };
  const { made, options } = await makeAsked(session, state, asked, request);
  const unheeded = state.catalogue.diagnostics.filter(({ code }) => code === noEffect);
  const warned = { ...made, warnings: [...unheeded, ...made.warnings] };
  const heeded = published === undefined ? warned : await heedPublished(session, state, warned, published, saved);
  const chosen = saved === undefined ? heeded : await saved.accept(heeded, state);
  const missing = missingSources(chosen, state);
  const told = { ...chosen, warnings: [...chosen.warnings, ...missing.map(asWarning)] };
  return {
    ...state,
    plan: await withEngines(told, session, state, request),
    obstacles: missing.filter(({ severity }) => severity === "error"),
    options,
    unread: published?.problems ?? [],
    ...(published && { refreshes: published.refreshes }),
  };
}

async function makeAsked(
  session: Session,
  state: CatalogueState,
  asked: PlanOptions,
  { refresh = [], push = false }: PlanRequest,
): Promise<{ readonly made: Plan; readonly options: PlanOptions }> {
  if (refresh.length === 0) return { made: makePlan(state.catalogue, state.changes, asked), options: asked };
  const { planRefresh } = await import("./refresh.ts");
  const { plan: made, options } = await planRefresh(session, state, { ...asked, what: refresh, push });
  return { made, options };
}

/** What is left out for a rollback is not planned again, and no disagreement of git and the registry. */
async function heedPublished(
  session: Session,
  state: CatalogueState,
  made: Plan,
  { warningsWithout }: Awaited<ReturnType<typeof surveyRegistry>>,
  saved: unknown,
): Promise<Plan> {
  const { heedIfKnown } = await import("./holds.ts");
  const heeded = saved === undefined ? await heedIfKnown(session, made, state) : made;
  const kept = new Set(heeded.builds.map(({ id }) => id));
  const left = new Set(made.builds.map(({ id }) => id).filter((id) => !kept.has(id)));
  return { ...heeded, warnings: [...heeded.warnings, ...warningsWithout(left)] };
}

/** Loaded only where a registry is asked: most plans need none of it. */
async function surveyRegistry(session: Session, state: CatalogueState) {
  const { surveyPublished } = await import("../status/survey.ts");
  return surveyPublished({ ...state, registries: await session.asking(), signal: session.signal });
}

interface SavedPlan {
  readonly plan: Plan;
  /** The saved plan with the warnings of the one made now; throws `RefusedError` when it is not of this catalogue and commit (B22, B39). */
  accept(made: Plan, state: CatalogueState): Promise<Plan>;
}

async function readSaved({ name, text }: NonNullable<PlanRequest["saved"]>): Promise<SavedPlan> {
  const { holdPlan, readPlanDocument } = await import("../plan/document.ts");
  const saved = readPlanDocument(text, name);
  return {
    plan: saved,
    async accept(made, { catalogue, changes }) {
      const everything = makePlan(catalogue, { ...changes, since: { kind: "all" } }, refreshOf(saved, catalogue));
      holdPlan(saved, { name, everything });
      const told = new Set(saved.warnings.map((each) => JSON.stringify(each)));
      return {
        ...saved,
        warnings: [...saved.warnings, ...made.warnings.filter((each) => !told.has(JSON.stringify(each)))],
      };
    },
  };
}

/** A refresh has unique tags of its own (B52), for which everything is held to be refreshed. */
function refreshOf({ stamp }: Plan, { science, compat }: CatalogueState["catalogue"]): PlanOptions {
  const number = parseUniqueTag(`1-${stamp}`)?.refresh;
  const what = [...science, ...compat].map(({ directory }) => directory);
  return number === undefined ? {} : { refresh: { what, number } };
}

/** A saved plan is held against the range that it was made for, so that what it leaves without a definition is known again. */
async function readFor(
  session: Session,
  saved: SavedPlan | undefined,
  { since }: PlanRequest,
): Promise<CatalogueState> {
  if (saved === undefined) return session.read(since);
  const { base } = saved.plan.since;
  try {
    return await session.read(base !== undefined && /^[0-9a-f]{40,64}$/.test(base) ? base : "all");
  } catch (cause) {
    // A clone may lack a commit that nothing leads to any more.
    const isGone = cause instanceof RefusedError && cause.diagnostics.every(({ code }) => code === "unknown-revision");
    if (isGone) return session.read("all");
    throw cause;
  }
}

/** A plan can be looked at, though a build of it would be refused. */
const asWarning = (problem: Diagnostic): Diagnostic => ({ ...problem, severity: "warning" });

/** Composing costs time that a short plan need not pay. */
async function withEngines(
  made: Plan,
  session: Session,
  { catalogue }: CatalogueState,
  { engines, saved }: PlanRequest,
): Promise<Plan> {
  if (engines === undefined) return made;
  const asked = engines.named || catalogue.settings.engine !== undefined || saved !== undefined;
  if (!asked) {
    const impossible = meetsTriggers(made, catalogue) ? await unmakeable(made, catalogue, session, engines) : [];
    return { ...made, warnings: [...made.warnings, ...impossible.map(asWarning)] };
  }
  const choice = await import("./choice.ts");
  return choice.withEngines(made, catalogue, choice.engineWish(session, catalogue, engines));
}
