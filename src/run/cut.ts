import type { ImageBuild } from "../compose/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import type { BasePins } from "../engines/find-bases.ts";
import type { BuildResult } from "../engines/run-model.ts";
import { cutOnly, cutShard, withParents } from "../plan/cut.ts";
import type { Plan } from "../plan/model.ts";
import { uniqueOnes } from "../publish/publish-stable.ts";
import type { Survey } from "../publish/survey.ts";
import type { Composed } from "./compose.ts";
import type { BuildRequest, Outcome } from "./model.ts";
import { pinsOf } from "./pin.ts";

/** The ids of the builds that are made here; undefined where that is all of the plan. Throws `RefusedError`. */
export function cutOf(plan: Plan, { only = [], shard, push }: BuildRequest): ReadonlySet<string> | undefined {
  if (only.length === 0 && shard === undefined) return undefined;
  if (only.length > 0 && shard !== undefined) throw new RefusedError([twoCuts()]);
  if (!push) throw new RefusedError([cutWithoutPush()]);
  if (shard === undefined) return cutOnly(plan, only);
  if (!(Number.isInteger(shard.number) && shard.number >= 1 && shard.number <= shard.count))
    throw new RefusedError([badShard(`${shard.number}/${shard.count}`)]);
  return cutShard(plan, shard);
}

/** What is made here, and what that stands on. */
export interface Job extends Composed {
  /** Ids of what is made here; undefined where that is everything. Other builds of the job are parents, found under their unique tags. */
  readonly cut: ReadonlySet<string> | undefined;
  /** Of a pinned plan. */
  readonly pins: BasePins | undefined;
}

/** Throws `RefusedError` for a plan that is pinned to something else than its builds need. */
export function jobOf(whole: Composed, cut: ReadonlySet<string> | undefined): Job {
  const pins = pinsOf(whole);
  if (cut === undefined) return { ...whole, cut, pins };
  const all = new Map(whole.builds.map((each) => [each.id, each]));
  const inside = withParents(new Set([...cut].filter((id) => all.has(id))), all);
  const builds = whole.builds.filter((each) => inside.has(each.id) && isNeeded(each, cut, whole.builds));
  const plan = { ...whole.plan, builds: whole.plan.builds.filter(({ id }) => inside.has(id)) };
  return { ...whole, builds, plan, cut, pins };
}

/** A payload is made by each job that copies from it: it is nobody's image. */
const isNeeded = ({ id, kind }: ImageBuild, cut: ReadonlySet<string>, builds: readonly ImageBuild[]): boolean =>
  kind !== "payload" || builds.some((each) => cut.has(each.id) && each.dependsOn.includes(id));

/** Throws `RefusedError` for what a cut stands on and is not published: another job makes it, and has not yet. */
export function refuseAbsent({ plan, cut }: Job, { present }: Pick<Survey, "present">): void {
  if (cut === undefined) return;
  const made = plan.builds.filter(({ id }) => cut.has(id) && !present.has(id));
  const needed = new Set(made.flatMap(({ dependsOn }) => dependsOn));
  const missing = plan.builds.filter(({ id }) => needed.has(id) && !cut.has(id) && !present.has(id));
  if (missing.length > 0) throw new RefusedError(missing.map(({ id, tags }) => notThereYet(id, tags[0])));
}

/** What a cut answers for: its own builds, which have their unique tags and no stable ones. */
export function ownPart(
  { plan, cut }: Job,
  results: readonly BuildResult[],
): Pick<Outcome, "plan" | "results" | "published" | "isPart"> {
  const isOwn = ({ id }: { readonly id: string }): boolean => cut?.has(id) ?? true;
  const parents = new Set(plan.builds.filter((each) => !isOwn(each)).map(({ id }) => id));
  const own = { ...plan, builds: plan.builds.filter(isOwn) };
  const said = results.filter(({ id }) => !parents.has(id));
  return { plan: own, results: said, published: uniqueOnes(own, results), isPart: true };
}

/** What the registry has of a plan. Throws `RefusedError` where something is missing; with `keepGoing` where all of it is. */
export function foundBuilds(
  { plan, builds }: Job,
  { present }: Pick<Survey, "present">,
  { keepGoing = false, foundOnly: said }: BuildRequest,
): BuildResult[] {
  const missing = plan.builds.filter(({ id }) => !present.has(id)).map(({ id, tags }) => notBuilt(id, tags[0], said));
  if (missing.length > 0 && (!keepGoing || missing.length === plan.builds.length)) throw new RefusedError(missing);
  return builds.flatMap(({ id, kind, tags }): BuildResult[] => {
    const image = present.get(id);
    if (image) return [{ id, outcome: "present", image }];
    return kind === "payload"
      ? []
      : [{ id, outcome: "failed", problems: [notBuilt(id, tags[0], said)], seconds: 0, log: "" }];
  });
}

const twoCuts = (): Diagnostic =>
  error("two-cuts", "--only and --shard each say what is built here", { help: "leave one of them out" });

const cutWithoutPush = (): Diagnostic =>
  error(
    "cut-without-push",
    "a part of a plan is built for others to go on with, and nothing of it would leave this machine",
    {
      help: "add --push; without --only and --shard everything is built here",
    },
  );

const badShard = (said: string): Diagnostic =>
  error("bad-shard", `there is no shard ${said}`, { help: "--shard 1/4 to --shard 4/4 are the four parts of a plan" });

const notThereYet = (id: string, reference: string): Diagnostic =>
  error("parent-not-there", `${id} is not built yet, and is not built here: the registry has no ${reference}`, {
    help: `build it first, or here as well: --only ${id}`,
  });

const notBuilt = (id: string, reference: string, said: BuildRequest["foundOnly"]): Diagnostic =>
  error("not-built", `${id} is not built: the registry has no ${reference}`, {
    notes: (said?.get(id)?.problems ?? []).map(({ message }) => ({ message: `its job said: ${message}` })),
    help: `image-builder build --plan FILE --only ${id} --push; with --keep-going the image-versions that are complete are published`,
  });
