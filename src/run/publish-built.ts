import type { BuildResult } from "../engines/run-model.ts";
import type { Plan } from "../plan/model.ts";
import { type PublishedBuild, publishStable } from "../publish/publish-stable.ts";
import { resumeRuns } from "../publish/resume.ts";
import { type Survey, stableDigests, surveyTags } from "../publish/survey.ts";
import type { Composed } from "./compose.ts";
import { type BuildRequest, type BuildWatch, publishes } from "./model.ts";
import type { Outlet } from "./outlet.ts";
import type { Run } from "./provenance.ts";

/**
 * What is there of a plan before anything is built. What a killed run has begun is finished first, so that this run sees
 * tags that belong together.
 */
export async function surveyOutlet(
  { moving }: Outlet,
  { plan, builds }: Pick<Composed, "plan" | "builds">,
  request: BuildRequest,
  watch: BuildWatch,
): Promise<Survey> {
  if (!publishes(request)) return { present: new Map(), stable: new Map() };
  watch.warned?.((await resumeRuns(moving)).warnings);
  if (keepsUnique(plan)) return surveyTags(builds, moving.registries);
  return { present: new Map(), stable: await stableDigests(builds, moving.registries) };
}

/** Whether unique tags are kept as they are. Those of uncommitted content name no commit and may be written again, in a layout. */
export const keepsUnique = ({ dirty }: Plan): boolean => !dirty;

/** Moves the stable tags to what was built; their images have unique tags by now. */
export async function publishBuilt(
  { moving }: Outlet,
  plan: Plan,
  results: readonly BuildResult[],
  survey: Survey,
  { name, started }: Run,
  request: BuildRequest,
): Promise<readonly PublishedBuild[]> {
  if (!publishes(request)) return [];
  const keepGoing = request.keepGoing ?? false;
  return publishStable(plan, results, survey, { ...moving, run: name, started: started.toISOString(), keepGoing });
}
