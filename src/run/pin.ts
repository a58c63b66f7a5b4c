import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { type BasePins, findBases, nameOfBase } from "../engines/find-bases.ts";
import type { Plan } from "../plan/model.ts";
import { type Composed, compose } from "./compose.ts";
import { durations } from "./durations.ts";
import type { Planned } from "./plan.ts";
import type { Session } from "./session.ts";

/**
 * The plan with what every base is at this moment, so that all jobs of it build on the same (B45), and with how long its builds took
 * when this clone last made them. Asks registries and no engine. Throws as `findBases`.
 */
export async function pinPlan(session: Session, planned: Planned): Promise<Plan> {
  const { plan, builds } = await compose(session, planned, { push: true });
  const { repo, home } = planned.catalogue.settings;
  const found = await findBases(builds, [...new Set([repo, home])], await session.asking());
  const bases = [...found].map(([name, { reference, digest }]) => ({ name, reference, digest }));
  const remembered = await durations(session, new Set(plan.builds.map(({ id }) => id)));
  const timed = plan.builds.map((each): Plan["builds"][number] => {
    const seconds = remembered.get(each.id);
    return seconds === undefined ? each : { ...each, seconds };
  });
  return { ...plan, bases: bases.sort((a, b) => (a.name < b.name ? -1 : 1)), builds: timed };
}

/** What a pinned plan says of its bases; undefined where it is not pinned. Throws `RefusedError` where that is not what it builds on (B39). */
export function pinsOf({ plan, builds }: Composed): BasePins | undefined {
  const { bases, held } = plan;
  if (bases === undefined) return undefined;
  const pins = new Map(bases.map((each) => [each.name, each]));
  const wanted = new Set(
    builds.flatMap(({ dockerfile }) =>
      dockerfile.references.flatMap(({ base }) => (base.kind === "named" ? [nameOfBase(base)] : [])),
    ),
  );
  const problems = [
    ...[...pins.keys()]
      .filter((name) => !wanted.has(name))
      .map((name) => `it pins ${name}, which nothing of it is built on`),
    // What is left out meanwhile for a rollback is taken as it is published.
    ...(held ? [] : [...wanted].filter((name) => !pins.has(name)).map((name) => `it does not pin ${name}`)),
  ];
  if (problems.length > 0) throw new RefusedError(problems.map(badPins));
  return pins;
}

const badPins = (message: string): Diagnostic =>
  error("bad-plan", `the plan is pinned otherwise than its builds need: ${message}`, {
    help: "make the plan again: image-builder plan --pin",
  });
