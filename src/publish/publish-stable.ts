import { type BuildResult, imageIn } from "../engines/run-model.ts";
import type { Digest } from "../oci/digest.ts";
import type { Plan } from "../plan/model.ts";
import type { Journal } from "./journal.ts";
import { type MoveOptions, moveTags } from "./move-tags.ts";
import type { Survey } from "./survey.ts";
import { planMoves } from "./units.ts";

export interface PublishOptions extends MoveOptions {
  /** Name of the run, as a file can have it. */
  readonly run: string;
  /** RFC 3339. */
  readonly started: string;
  /** Move the stable tags of image-versions that are complete, although others are not. */
  readonly keepGoing: boolean;
}

export interface PublishedBuild {
  readonly id: string;
  /** Reference with the unique tag. */
  readonly unique: string;
  /** Reference with the stable tag; undefined where that was not moved here. */
  readonly stable?: string;
  readonly digest: Digest;
}

/**
 * Moves the stable tags to what was built (B29): of all image-versions when every build succeeded, of those whose whole chain
 * did with `keepGoing`, else of none. Returns everything that is published, in the order of the plan. Throws `FailedError`
 * when tags were moved and put back.
 */
export async function publishStable(
  plan: Plan,
  results: readonly BuildResult[],
  survey: Pick<Survey, "stable">,
  options: PublishOptions,
): Promise<PublishedBuild[]> {
  const built = digestsOf(results);
  const isComplete = plan.builds.every(({ id }) => built.has(id));
  const mayMove = (isComplete || options.keepGoing) && !options.signal.aborted;
  const units = mayMove ? planMoves(plan, built, survey.stable) : [];
  if (units.length > 0) await moveTags(journalOf(plan, units, options), options);
  const moved = new Set(units.flatMap(({ moves }) => moves.map(({ reference }) => reference)));
  return plan.builds.flatMap(({ id, tags: [unique, stable] }) => {
    const digest = built.get(id);
    const isStable = moved.has(stable) || survey.stable.get(id) === digest;
    return digest === undefined ? [] : [{ id, unique, digest, ...(isStable ? { stable } : {}) }];
  });
}

const digestsOf = (results: readonly BuildResult[]): Map<string, Digest> =>
  new Map(
    results.flatMap((result) => {
      const digest = imageIn(result)?.manifest;
      return digest === undefined ? [] : [[result.id, digest]];
    }),
  );

const journalOf = (
  { repo, commit, stamp }: Plan,
  units: Journal["units"],
  { run, started }: PublishOptions,
): Journal => ({ formatVersion: 1, run, started, repo, commit, stamp, state: "moving", units });
