import { bindingProblems } from "../catalogue/compat-fragments.ts";
import { loadCatalogue } from "../catalogue/load.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { assertRoot, findRoot } from "../catalogue/root.ts";
import type { SettingsOverrides } from "../catalogue/settings.ts";
import { type Detected, detectChanges } from "../changes/detect.ts";
import type { ChangeSet } from "../changes/model.ts";
import { type Diagnostic, hasErrors, sortDiagnostics } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { makePlan, type PlanOptions as PureOptions } from "../plan/make-plan.ts";
import type { Plan } from "../plan/model.ts";
import { type Explanation, explainImage } from "../plan/why.ts";

export { findRoot } from "../catalogue/root.ts";

/** What a person may ask of a plan; absent keys mean what the command line means without the option. */
export interface PlanOptions {
  /** The catalogue's root; the nearest folder from the working directory upwards that is one when undefined. */
  readonly root?: string;
  readonly since?: string;
  readonly include?: readonly string[];
  readonly ignore?: readonly string[];
  readonly untracked?: boolean;
  readonly settings?: SettingsOverrides;
  readonly signal?: AbortSignal;
}

/** A plan and what it was made from. */
export interface Prepared {
  readonly catalogue: Catalogue;
  readonly changes: ChangeSet;
  readonly plan: Plan;
  readonly options: PureOptions;
  /** The repository's git directory, where state of runs is kept. */
  readonly gitDir: string;
  /** Images that `--since published` could not read, so that the plan says nothing of them. */
  readonly unread: readonly Diagnostic[];
}

/** Load, detect, plan. Throws `RefusedError` with every problem of the catalogue when one of them is an error. */
export async function preparePlan(options: PlanOptions): Promise<Prepared> {
  const { catalogue, changes, gitDir } = await loadWorld(options);
  const survey = changes.since.kind === "published" ? await surveyRegistry(catalogue, changes, options) : undefined;
  const pure: PureOptions = {
    include: options.include ?? [],
    ignore: options.ignore ?? [],
    meaningful: catalogue.settings.meaningful,
    ...(survey && { notPublished: survey.notPublished }),
  };
  const plan = makePlan(catalogue, changes, pure);
  const warnings = [...plan.warnings, ...(survey?.warnings ?? [])];
  return { catalogue, changes, plan: { ...plan, warnings }, options: pure, gitDir, unread: survey?.problems ?? [] };
}

/** A catalogue and what git says of it; `gitDir` as in `Prepared`. */
export interface LoadedWorld {
  readonly catalogue: Catalogue;
  readonly changes: ChangeSet;
  readonly gitDir: string;
}

/** Throws `RefusedError` like `preparePlan`. */
export async function loadWorld(options: PlanOptions): Promise<LoadedWorld> {
  const root = rootOf(options);
  const detecting = detectChanges(root, options);
  const catalogue = loadOrStop(root, options, detecting);
  const { changes, repository } = await detecting;
  return { catalogue, changes, gitDir: repository.gitDir };
}

/** Loaded only where a registry is asked: most plans need none of it. */
async function surveyRegistry(catalogue: Catalogue, changes: ChangeSet, { signal }: PlanOptions) {
  const { surveyPublished, withRegistries } = await import("../lineage/index.ts");
  return withRegistries(catalogue, signal, (registries) =>
    surveyPublished({ catalogue, changes, registries, ...(signal && { signal }) }),
  );
}

/** Reading goes on while git works; when it fails, what git says is no longer of interest. */
function loadOrStop(root: string, options: PlanOptions, detecting: Promise<Detected>): Catalogue {
  detecting.catch(() => undefined);
  const catalogue = loadCatalogue(root, options.settings);
  if (hasErrors(catalogue.diagnostics)) throw new RefusedError(catalogue.diagnostics);
  return catalogue;
}

/**
 * Every problem of the catalogue, whether or not it can be planned, and the instructions that bind a compat layer to an
 * engine. Needs no git.
 */
export async function checkCatalogue(
  options: PlanOptions,
): Promise<{ catalogue: Catalogue; diagnostics: readonly Diagnostic[] }> {
  const catalogue = loadCatalogue(rootOf(options), options.settings);
  const bound = catalogue.compat.flatMap(bindingProblems);
  return { catalogue, diagnostics: sortDiagnostics([...catalogue.diagnostics, ...bound]) };
}

export const explain = ({ catalogue, plan, options }: Prepared, image: string): Explanation =>
  explainImage(catalogue, plan, options, image);

const rootOf = ({ root }: PlanOptions): string => (root === undefined ? findRoot(process.cwd()) : assertRoot(root));
