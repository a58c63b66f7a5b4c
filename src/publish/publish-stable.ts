import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { type BuildResult, imageIn } from "../engines/run-model.ts";
import type { Digest } from "../oci/digest.ts";
import type { Plan } from "../plan/model.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import type { Journal } from "./journal.ts";
import { type MoveOptions, moveTags } from "./move-tags.ts";
import type { Survey } from "./survey.ts";
import { digestOf, tagPlace } from "./tags.ts";
import { planMoves } from "./units.ts";

export interface PublishOptions extends MoveOptions {
  /** Name of the run, as a file can have it. */
  readonly run: string;
  /** RFC 3339. */
  readonly started: string;
  /** Move the stable tags of image-versions that are complete, although others are not. */
  readonly keepGoing: boolean;
  /**
   * The image that another run has put under the unique tag of a build meanwhile, where it may stand for the build; `digests` are
   * those of the others, by id. Throws `FailedError` where it may not.
   */
  readonly adopt?: (id: string, digests: ReadonlyMap<string, Digest>) => Promise<Digest>;
}

export interface PublishedBuild {
  readonly id: string;
  /** Reference with the unique tag. */
  readonly unique: string;
  /** Reference with the stable tag; undefined where that was not moved here. */
  readonly stable?: string;
  /** References with the tags that move with the stable one, and were; absent where there are none. */
  readonly further?: readonly string[];
  readonly digest: Digest;
}

/**
 * Moves the stable tags to what was built (B29): of all image-versions when every build succeeded, of those whose whole chain
 * did with `keepGoing`, else of none. Returns everything that is published, in the order of the plan, as the registry has it after
 * the last write (B38). Throws `FailedError` when tags were moved and put back.
 */
export async function publishStable(
  planned: Plan,
  results: readonly BuildResult[],
  survey: Pick<Survey, "stable">,
  options: PublishOptions,
): Promise<PublishedBuild[]> {
  const plan = withReferences(planned, results);
  let built: ReadonlyMap<string, Digest> = digestsOf(results);
  let stable = survey.stable;
  for (let round = 0; round < rounds; round += 1) {
    const moved = await moveStable(plan, built, stable, options);
    const replaced = await replacedOnes(plan, built, options.registries);
    if (replaced.size === 0) return publishedBuilds(plan, built, moved);
    stable = new Map([...stable, ...nowAt(plan, built, moved)]);
    built = await adoptOthers(plan, built, replaced, options);
  }
  throw new FailedError([neverStill(plan)]);
}

const rounds = 3;

/** Where the tags are that were moved. */
const nowAt = (
  { builds }: Plan,
  built: ReadonlyMap<string, Digest>,
  moved: ReadonlySet<string>,
): (readonly [string, Digest])[] =>
  builds.flatMap(({ id, tags }) => {
    const digest = built.get(id);
    return tags.slice(1).flatMap((tag) => (digest !== undefined && moved.has(tag) ? [[tag, digest] as const] : []));
  });

/** An image that was there may have another unique tag than the plan has: it was refreshed. */
function withReferences(plan: Plan, results: readonly BuildResult[]): Plan {
  const references = new Map(results.map((each) => [each.id, imageIn(each)?.reference]));
  const builds = plan.builds.map((build): Plan["builds"][number] => {
    const [unique, ...stable] = build.tags;
    return { ...build, tags: [references.get(build.id) ?? unique, ...stable] };
  });
  return { ...plan, builds };
}

/** Returns the stable tags, and those that move with them, that point to their builds. */
async function moveStable(
  plan: Plan,
  built: ReadonlyMap<string, Digest>,
  stable: ReadonlyMap<string, Digest>,
  options: PublishOptions,
): Promise<Set<string>> {
  const isComplete = plan.builds.every(({ id }) => built.has(id));
  const mayMove = (isComplete || options.keepGoing) && !options.signal.aborted;
  const units = mayMove ? planMoves(plan, built, stable) : [];
  const movedOn = units.length > 0 ? await moveTags(journalOf(plan, units, options), options) : new Set<string>();
  const moved = new Set(units.flatMap(({ moves }) => moves.map(({ reference }) => reference)));
  const isThere = (id: string, tag: string): boolean =>
    !movedOn.has(tag) && (moved.has(tag) || (built.has(id) && stable.get(tag) === built.get(id)));
  return new Set(plan.builds.flatMap(({ id, tags }) => tags.slice(1).filter((tag) => isThere(id, tag))));
}

/** Builds whose unique tag holds something else than was put there: two runs have published one commit at once. */
async function replacedOnes(
  { builds }: Plan,
  built: ReadonlyMap<string, Digest>,
  registries: Registries,
): Promise<Set<string>> {
  const found = await mapBounded(builds, 8, async ({ id, tags }) => {
    const own = built.get(id);
    return own === undefined || (await digestOf(tagPlace(registries, tags[0]))) === own ? [] : [id];
  });
  return new Set(found.flat());
}

/** Parents first, so that what is taken over fits together. */
async function adoptOthers(
  plan: Plan,
  built: ReadonlyMap<string, Digest>,
  replaced: ReadonlySet<string>,
  { adopt }: PublishOptions,
): Promise<Map<string, Digest>> {
  const digests = new Map(built);
  for (const { id, tags } of plan.builds) {
    if (!replaced.has(id)) continue;
    if (adopt === undefined) throw new FailedError([replacedTag(tags[0])]);
    digests.set(id, await adopt(id, digests));
  }
  return digests;
}

/** What has its unique tag, in the order of the plan, where no stable tag is moved. */
export const uniqueOnes = (plan: Plan, results: readonly BuildResult[]): PublishedBuild[] =>
  publishedBuilds(withReferences(plan, results), digestsOf(results), new Set());

const publishedBuilds = (
  { builds }: Plan,
  built: ReadonlyMap<string, Digest>,
  moved: ReadonlySet<string>,
): PublishedBuild[] =>
  builds.flatMap(({ id, tags: [unique, stable, ...rest] }) => {
    const digest = built.get(id);
    const further = rest.filter((tag) => moved.has(tag));
    const there = { ...(moved.has(stable) && { stable }), ...(further.length > 0 && { further }) };
    return digest === undefined ? [] : [{ id, unique, digest, ...there }];
  });

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

const replacedTag = (reference: string) =>
  error("unique-tag-replaced", `${reference} does not hold what this run has put there`, {
    help: "see who else publishes this commit, or whether the registry keeps what it accepts; then run it again",
  });

const neverStill = ({ stamp }: Plan) =>
  error("unique-tag-replaced", `the unique tags of ${stamp} are replaced again and again`, {
    help: "let one run at a time publish a commit: --lock git",
  });
