import { warning } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { parseUniqueTag } from "../naming/unique-tag.ts";
import { makePlan } from "../plan/make-plan.ts";
import type { Plan } from "../plan/model.ts";
import type { PlanOptions } from "../plan/planning.ts";
import { tagPlace } from "../publish/tags.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import type { CatalogueState, Session } from "./session.ts";

/**
 * The plan of what `--refresh` names (B52), under unique tags that no image has yet. A registry that does not answer is worth a
 * warning where nothing is published; else it throws `FailedError`.
 */
export async function planRefresh(
  session: Session,
  { catalogue, changes }: CatalogueState,
  {
    what,
    push,
    ...options
  }: Omit<PlanOptions, "refresh"> & { readonly what: readonly string[]; readonly push: boolean },
): Promise<{ readonly plan: Plan; readonly options: PlanOptions }> {
  const withNumber = (number: number) => ({ ...options, refresh: { what, number } });
  const first = makePlan(catalogue, changes, withNumber(1));
  try {
    const number = 1 + (await lastRefresh(first, changes.head, await session.asking()));
    const chosen = withNumber(number);
    return { plan: makePlan(catalogue, changes, chosen), options: chosen };
  } catch (cause) {
    if (push || !(cause instanceof FailedError)) throw cause;
    const unknown = warning("refreshes-unknown", `which refreshes are published is not known: ${cause.message}`);
    return { plan: { ...first, warnings: [...first.warnings, unknown] }, options: withNumber(1) };
  }
}

/** The highest number that any image of the plan has for this commit; 0 when none was refreshed. */
async function lastRefresh(
  { builds }: Plan,
  { count, abbreviated }: CatalogueState["changes"]["head"],
  registries: Registries,
): Promise<number> {
  const places = new Map(
    builds.map(({ tags: [unique] }) => {
      const { repository } = tagPlace(registries, unique);
      return [`${repository.host}/${repository.path}`, repository];
    }),
  );
  const numbers = await mapBounded([...places.values()], 8, async ({ listings }) =>
    (await listings.tags()).flatMap((tag) => {
      const parsed = parseUniqueTag(tag);
      return parsed?.count === count && parsed.commit === abbreviated ? [parsed.refresh ?? 0] : [];
    }),
  );
  return numbers.flat().reduce((highest, each) => Math.max(highest, each), 0);
}
