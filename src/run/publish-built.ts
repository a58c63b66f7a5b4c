import { imageVersion } from "../catalogue/graph.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import type { BuildResult } from "../engines/run-model.ts";
import { ancestriesOf } from "../git/ancestry.ts";
import type { Digest } from "../oci/digest.ts";
import type { Plan } from "../plan/model.ts";
import { heldSince } from "../publish/holds.ts";
import { backwardImages, newBuild, strangeAllowances } from "../publish/order.ts";
import { type PublishedBuild, publishStable } from "../publish/publish-stable.ts";
import { adoptUnique } from "../publish/push-unique.ts";
import { resumeRuns } from "../publish/resume.ts";
import type { RunJournal } from "../publish/run-events.ts";
import { type Ancestries, standingAt, whyNotForward } from "../publish/standing.ts";
import { type Survey, stableDigests, surveyTags } from "../publish/survey.ts";
import type { TagMove } from "../publish/units.ts";
import type { TagLists } from "../registry/tag-lists.ts";
import type { Composed } from "./compose.ts";
import type { Job } from "./cut.ts";
import { type BuildRequest, type BuildWatch, publishes } from "./model.ts";
import type { Outlet } from "./outlet.ts";
import type { Run } from "./provenance.ts";
import type { Session } from "./session.ts";

/** What is there before anything is built. */
export interface Before extends Survey {
  /** Why builds are not to be published, by id; what depends on them is not either. */
  readonly refused: ReadonlyMap<string, readonly Diagnostic[]>;
  /** Builds that other runs have published: those that were there, and those that turn up meanwhile. */
  readonly shared: Set<Digest>;
}

const nothing = (): Before => ({
  present: new Map(),
  stable: new Map(),
  standing: new Map(),
  seen: new Map(),
  refused: new Map(),
  shared: new Set(),
});

/**
 * What is there of a plan before anything is built. What a killed run has begun is finished first, so that this run sees
 * tags that belong together. Throws `RefusedError` when a stable tag would go backwards (B35); with `keepGoing` only when all
 * image-versions would.
 */
export async function surveyOutlet(
  session: Session,
  { moving }: Outlet,
  { plan, builds, cut }: Pick<Job, "plan" | "builds" | "cut">,
  request: BuildRequest,
  watch: BuildWatch,
  lists: TagLists,
): Promise<Before> {
  if (!publishes(request)) return nothing();
  const ancestries = ancestriesTo(session, plan);
  // A part of a plan moves no stable tag, also not for others.
  if (!cut) watch.warned?.((await resumeRuns(moving, plan.repo)).warnings);
  if (!keepsUnique(plan)) return { ...nothing(), stable: await stableDigests(builds, moving.registries) };
  const survey = await surveyTags(builds, moving.registries, lists);
  const refused = request.push ? await backwardBuilds(plan, survey, ancestries, request) : new Map();
  const shared = new Set([...survey.present.values()].flatMap(({ manifest }) => manifest ?? []));
  return { ...survey, refused, shared };
}

const ancestriesTo =
  ({ root }: Session, { commit }: Plan): Ancestries =>
  (commits) =>
    ancestriesOf(root, commit, commits);

async function backwardBuilds(
  plan: Plan,
  survey: Survey,
  ancestries: Ancestries,
  { allowOlder = [], keepGoing = false }: BuildRequest,
): Promise<Map<string, readonly Diagnostic[]>> {
  const strange = strangeAllowances(plan, allowOlder);
  if (strange.length > 0) throw new RefusedError(strange);
  const backward = await backwardImages(plan, survey, { ancestries, allowOlder });
  const all = new Set(plan.builds.map(imageVersion));
  if (backward.size > 0 && (!keepGoing || backward.size === all.size))
    throw new RefusedError([...backward.values()].flat());
  return new Map(
    plan.builds.flatMap((each) => {
      const problems = backward.get(imageVersion(each));
      return problems ? [[each.id, problems] as const] : [];
    }),
  );
}

/** Whether unique tags are kept as they are. Those of uncommitted content name no commit and may be written again, in a layout. */
export const keepsUnique = ({ dirty }: Plan): boolean => !dirty;

/** Moves the stable tags to what was built; their images have unique tags by now. */
export async function publishBuilt(
  session: Session,
  { moving }: Outlet,
  { plan, builds }: Pick<Composed, "plan" | "builds">,
  results: readonly BuildResult[],
  before: Before,
  { name, started }: Run,
  request: BuildRequest,
  journal: Pick<RunJournal, "write">,
): Promise<readonly PublishedBuild[]> {
  if (!publishes(request)) return [];
  const keepGoing = request.keepGoing ?? false;
  const whyNotFrom = request.push ? judgeOf(session, { plan, builds }, moving.registries, request) : undefined;
  return publishStable(plan, results, before, {
    ...moving,
    shared: before.shared,
    ...(whyNotFrom && { whyNotFrom }),
    ...(keepsUnique(plan) && { adopt: adoptUnique(builds, moving.registries, before.shared) }),
    moved: (move) => journal.write({ event: "tag-moved", ...move }),
    run: name,
    started: started.toISOString(),
    keepGoing,
  });
}

/** What somebody else has put under a tag meanwhile is judged as what was there before. */
function judgeOf(
  session: Session,
  { plan, builds }: Pick<Composed, "plan" | "builds">,
  registries: Outlet["registries"],
  { allowOlder = [] }: BuildRequest,
): (move: TagMove) => Promise<Diagnostic | undefined> {
  const ancestries = ancestriesTo(session, plan);
  const byTag = new Map(plan.builds.flatMap((each) => each.tags.slice(1).map((tag) => [tag, each] as const)));
  const inputs = new Map(builds.flatMap((each) => each.tags.slice(1).map((tag) => [tag, each.inputs] as const)));
  return async ({ reference, to }) => {
    const build = byTag.get(reference);
    if (build === undefined) return undefined;
    const held = await heldSince(build, plan.repo, { digest: to, inputs: inputs.get(reference) }, registries);
    if (held !== undefined || allowOlder.includes(imageVersion(build))) return held;
    const now = await standingAt(reference, registries);
    return now && whyNotForward(newBuild(build, reference, plan), now, ancestries);
  };
}
