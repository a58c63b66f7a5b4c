import type { Catalogue } from "../catalogue/model.ts";
import { composeBuilds, contextDirectories } from "../compose/compose.ts";
import type { ImageBuild } from "../compose/model.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { type ChosenEngines, chooseEngines } from "../engines/choice/choose-engines.ts";
import { engineTable } from "../engines/choice/table.ts";
import type { Plan, PlannedBuild } from "../plan/model.ts";
import type { Session } from "./session.ts";
import { type EngineWish, engineNames, movedBuilds, refuseImpossible, settledEngines } from "./settled-engines.ts";

/** Where the images of a run go. */
export interface Destination {
  readonly push?: boolean | undefined;
  readonly output?: string | undefined;
}

/** Throws `RefusedError` for an engine that is none. */
export function engineWish(
  { options }: Pick<Session, "options">,
  { settings: { engine } }: Pick<Catalogue, "settings">,
  { push, output }: Destination,
): EngineWish {
  if (engine !== undefined && !engineNames.includes(engine)) throw new RefusedError([unknownEngine(engine)]);
  if (push && output !== undefined) throw new RefusedError([twoDestinations()]);
  const destination = push ? "registry" : output === undefined ? "store" : "layout";
  return { destination, insists: options.settings?.engine !== undefined, ...(engine !== undefined && { engine }) };
}

const twoDestinations = () =>
  error("two-destinations", "--push and --output name two destinations, and images go to one", {
    help: "leave one of them out; a layout can be pushed later with skopeo copy",
  });

const unknownEngine = (name: string) =>
  error("unknown-engine", `there is no engine ${JSON.stringify(name)}${didYouMean(name, engineNames)}`, {
    help: `engines: ${engineNames.join(", ")}; without --engine each build gets the one that suits it`,
  });

/** What is built by which engine, and the plan that says so. */
export interface Choice extends ChosenEngines {
  /** Each of its builds has the engine that makes it, and why. */
  readonly plan: Plan;
  /** Where an engine of the plan cannot put an image where this run puts it, so that another makes it. */
  readonly warnings: ReturnType<typeof movedBuilds>;
}

/**
 * Decides for every build which engine makes it: the one that the plan names, else the one that suits it. Throws
 * `RefusedError` with a problem for each build that its engine cannot make.
 */
export function chooseEach(builds: readonly ImageBuild[], plan: Plan, wish: EngineWish): Choice {
  const { destination } = wish;
  const chosen = chooseEngines(builds, { destination, forced: settledEngines(plan, wish) });
  refuseImpossible(chosen, plan, wish);
  const rules = new Map(builds.map(({ id, freeze }) => [id, freeze]));
  const named = {
    ...plan,
    builds: plan.builds.map((build) => withTests(withEngine(build, chosen.engines[build.id]), rules)),
  };
  return { ...chosen, plan: named, warnings: movedBuilds(plan, named, wish) };
}

/** The plan with the engine of each build and the reason for it. Reads nothing: which files a build sends makes no difference. */
export function withEngines(plan: Plan, catalogue: Catalogue, wish: EngineWish): Plan {
  const noFiles = Object.fromEntries(contextDirectories(plan, catalogue).map((each) => [each, []]));
  const choice = chooseEach(composeBuilds(plan, catalogue, noFiles), plan, wish);
  return { ...choice.plan, warnings: [...plan.warnings, ...choice.warnings] };
}

function withEngine<B extends Plan["builds"][number]>(
  build: B,
  choice: ChosenEngines["engines"][string] | undefined,
): B {
  return choice === undefined ? build : { ...build, engine: { name: choice.name, why: choice.why } };
}

/** What will be tested where is said before anything is built. */
function withTests(build: PlannedBuild, rules: ReadonlyMap<string, ImageBuild["freeze"]>): PlannedBuild {
  const rule = rules.get(build.id);
  if (build.kind !== "compat" || !build.engine || !rule || rule.scienceTests.length === 0) return build;
  const runs = engineTable.some(({ name, takes }) => name === build.engine?.name && takes.has("tests"));
  return { ...build, scienceTests: { count: rule.scienceTests.length, when: rule.tests, runs } };
}
