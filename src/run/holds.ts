import { imageVersion } from "../catalogue/graph.ts";
import { withdrawalOf } from "../catalogue/withdrawn.ts";
import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { leaveOut } from "../plan/leave-out.ts";
import type { Plan, PlannedBuild } from "../plan/model.ts";
import { heldBuilds, holdsInForce, rolledBack } from "../publish/holds.ts";
import { standingAt } from "../publish/standing.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import { TagLists } from "../registry/tag-lists.ts";
import { todaysInputs } from "../status/inputs.ts";
import type { CatalogueState, Session } from "./session.ts";

/**
 * The plan without what the registry has a say against: builds that would undo a rollback (B36), and rebuilds of what was
 * withdrawn while the stable tag holds another build (B37). Throws `RefusedError` where somebody asked for such a build by name.
 */
export async function heedRegistry(
  session: Session,
  plan: Plan,
  state: CatalogueState,
  registries: Registries,
  lists: TagLists = new TagLists(),
): Promise<Plan> {
  if (plan.builds.length === 0) return plan;
  const held = await heldOf(session, plan, state, { registries, lists });
  const done = await alreadyLeft(plan, state, registries);
  return { ...leaveOut(plan, new Set([...held.ids, ...done])), warnings: [...plan.warnings, ...held.warnings] };
}

/** As `heedRegistry`, for a plan that is only looked at: a registry that does not answer is worth a warning there. */
export async function heedIfKnown(session: Session, plan: Plan, state: CatalogueState): Promise<Plan> {
  try {
    return await heedRegistry(session, plan, state, await session.asking());
  } catch (cause) {
    if (!(cause instanceof FailedError)) throw cause;
    const message = `whether images are rolled back is not known: ${cause.diagnostics[0]?.message ?? cause.message}`;
    return { ...plan, warnings: [...plan.warnings, warning("rollbacks-unknown", message)] };
  }
}

interface Asked {
  readonly registries: Registries;
  readonly lists: TagLists;
}

async function heldOf(
  session: Session,
  plan: Plan,
  { catalogue, changes }: CatalogueState,
  { registries, lists }: Asked,
) {
  const holds = await holdsInForce(plan.builds, catalogue.settings.repo, registries, lists);
  if (holds.size === 0) return { ids: new Set<string>(), warnings: [] };
  const held = heldBuilds(plan.builds, holds, await todaysInputs(catalogue, changes, session.signal));
  const builds = plan.builds.filter(({ id }) => held.has(id));
  const asked = builds.filter(isAskedFor);
  const told = new Map<string, Diagnostic>();
  for (const build of builds) {
    const name = imageVersion(build);
    const [hold, tag] = [holds.get(name), held.get(build.id)];
    if (hold && tag && (!told.has(name) || build.kind === "compat")) told.set(name, rolledBack(name, hold, tag));
  }
  if (asked.length > 0)
    throw new RefusedError(
      asked.flatMap((each) => told.get(imageVersion(each)) ?? []).map((each) => error(each.code, each.message, each)),
    );
  return { ids: new Set(held.keys()), warnings: [...told.values()] };
}

const isAskedFor = ({ reasons }: PlannedBuild): boolean =>
  reasons.some(({ kind }) => kind === "included" || kind === "refreshed");

/** Builds that are planned because of a withdrawal alone, and whose stable tag does not hold what was withdrawn. */
async function alreadyLeft(
  { builds }: Plan,
  { catalogue: { settings } }: CatalogueState,
  registries: Registries,
): Promise<string[]> {
  const alone = builds.filter(({ reasons }) => reasons.every(({ kind }) => kind === "withdrawn"));
  const left = await mapBounded(alone, 8, async ({ id, image, tags }) => {
    const now = await standingAt(tags[1], registries);
    const tag = now?.image?.crumbs.compat?.tag;
    return now && withdrawalOf(settings, { image, digest: now.digest, tag }) ? [] : [id];
  });
  return left.flat();
}
