import type { Catalogue } from "../catalogue/model.ts";
import { composeBuilds, contextDirectories } from "../compose/compose.ts";
import type { ImageBuild } from "../compose/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { placeInCatalogue } from "../engines/assemble/place-in-catalogue.ts";
import { type ChosenEngines, chooseEngines, type EngineRequest } from "../engines/choice/choose-engines.ts";
import type { Requirement } from "../engines/choice/requirements.ts";
import { engineTable } from "../engines/choice/table.ts";
import type { Plan } from "../plan/model.ts";

/** Where the images of a run go, and what a person said about engines. */
export interface Destination {
  readonly engine?: string | undefined;
  readonly push?: boolean | undefined;
  readonly output?: string | undefined;
}

const engineNames: readonly string[] = engineTable.map(({ name }) => name);

/** Throws `RefusedError` for an engine that is none. */
export function engineRequest({ engine, push, output }: Destination): EngineRequest {
  if (engine !== undefined && !engineNames.includes(engine)) throw new RefusedError([unknownEngine(engine)]);
  if (push && output !== undefined) throw new RefusedError([twoDestinations()]);
  const destination = push ? "registry" : output === undefined ? "store" : "layout";
  return { ...(engine !== undefined && { forced: engine }), destination };
}

const twoDestinations = () =>
  error("two-destinations", "--push and --output name two destinations, and images go to one", {
    help: "leave one of them out; a layout can be pushed later with skopeo copy",
  });

const unknownEngine = (name: string) =>
  error("unknown-engine", `there is no engine ${JSON.stringify(name)}${didYouMean(name, engineNames)}`, {
    help: `engines: ${engineNames.join(", ")}; without --engine each build gets the one that suits it`,
  });

/** Decides for every build which engine makes it. Throws `RefusedError` where the engine that was forced cannot. */
export function chooseEach(builds: readonly ImageBuild[], catalogue: Catalogue, request: EngineRequest): ChosenEngines {
  const chosen = chooseEngines(builds, catalogue, request);
  const impossible = chosen.builds.flatMap((each) => {
    const { name, lacks } = chosen.engines[each.id] ?? {};
    return name === undefined || lacks === undefined ? [] : [obstacle(each, name, lacks, catalogue)];
  });
  if (impossible.length > 0) throw new RefusedError(impossible);
  return chosen;
}

function obstacle(build: ImageBuild, engine: string, { text, range }: Requirement, catalogue: Catalogue): Diagnostic {
  const place = range && placeInCatalogue(build, range, catalogue);
  const title = engineTable.find(({ name }) => name === engine)?.title ?? engine;
  const help = "leave --engine out, so that each build gets the engine that suits it";
  return error("needs-engine", `the ${title} cannot make ${build.id}: it needs ${text}`, {
    help,
    ...(place && { at: { ...place, column: 1 } }),
  });
}

/** The plan with the engine of each build and the reason for it. Reads nothing: which files a build sends makes no difference. */
export function withEngines(plan: Plan, catalogue: Catalogue, request: EngineRequest): Plan {
  const noFiles = Object.fromEntries(contextDirectories(plan, catalogue).map((each) => [each, []]));
  const { engines } = chooseEach(composeBuilds(plan, catalogue, noFiles), catalogue, request);
  return { ...plan, builds: plan.builds.map((build) => withEngine(build, engines[build.id])) };
}

function withEngine<B extends Plan["builds"][number]>(
  build: B,
  choice: ChosenEngines["engines"][string] | undefined,
): B {
  return choice === undefined ? build : { ...build, engine: { name: choice.name, why: choice.why } };
}
