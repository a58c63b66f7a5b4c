import { type ChosenEngines, chooseEngines, type EngineRequest } from "../build/engines/assemble/choose-engines.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { composeBuilds, contextDirectories } from "../compose/compose.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { Plan } from "../plan/model.ts";

/** Where the images of a run go, and what a person said about engines. */
export interface Destination {
  readonly engine?: string | undefined;
  readonly push?: boolean | undefined;
  readonly output?: string | undefined;
}

export const engineNames = ["assemble", "docker"] as const;

/** Throws `RefusedError` for an engine that is none. */
export function engineRequest({ engine, push, output }: Destination): EngineRequest {
  if (engine !== undefined && !engineNames.some((each) => each === engine))
    throw new RefusedError([unknownEngine(engine)]);
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

/** The plan with the engine of each build and the reason for it. Reads nothing: which files a build sends makes no difference. */
export function withEngines(plan: Plan, catalogue: Catalogue, request: EngineRequest): Plan {
  const noFiles = Object.fromEntries(contextDirectories(plan, catalogue).map((each) => [each, []]));
  const { engines } = chooseEngines(composeBuilds(plan, catalogue, noFiles), catalogue, request);
  return { ...plan, builds: plan.builds.map((build) => withEngine(build, engines[build.id])) };
}

function withEngine<B extends Plan["builds"][number]>(
  build: B,
  choice: ChosenEngines["engines"][string] | undefined,
): B {
  return choice === undefined ? build : { ...build, engine: { name: choice.name, why: choice.why } };
}
