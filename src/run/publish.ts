import { build } from "./build.ts";
import type { BuildRequest, BuildWatch, Outcome } from "./model.ts";
import { type PlanRequest, plan } from "./plan.ts";
import { readResults } from "./result-files.ts";
import type { Session } from "./session.ts";

/**
 * Builds what is not published yet and moves the stable tags when everything is there: in the catalogue's registry, or in the
 * layout that `output` names.
 */
export const publish = (
  session: Session,
  request: Omit<BuildRequest, "push"> = {},
  watch: BuildWatch = {},
): Promise<Outcome> => build(session, { ...request, push: request.output === undefined }, watch);

export interface PublishRequest
  extends Pick<BuildRequest, "keepGoing" | "allowOrphans" | "allowOlder" | "lock" | "noVerdict" | "key"> {
  /** The plan whose builds jobs have made. */
  readonly saved: NonNullable<PlanRequest["saved"]>;
  /** Folder that the jobs' results were gathered in: what they say goes with what is missing. */
  readonly results?: string | undefined;
}

/**
 * Moves the stable tags of a plan whose builds are in the registry, and builds nothing (B44). Throws `RefusedError` where builds are
 * missing; with `keepGoing` those image-versions are published whose whole chain is there.
 */
export async function publishPlan(
  session: Session,
  { saved, results, ...request }: PublishRequest,
  watch: BuildWatch = {},
): Promise<Outcome> {
  const planned = await plan(session, { saved, push: true });
  const foundOnly = results === undefined ? new Map<string, never>() : await readResults(results, planned.plan);
  return build(session, { ...request, planned, push: true, foundOnly }, watch);
}
