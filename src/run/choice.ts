import type { Catalogue } from "../catalogue/model.ts";
import { composeBuilds, contextDirectories } from "../compose/compose.ts";
import type { ImageBuild } from "../compose/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import {
  type ChosenEngines,
  canAssemble,
  chooseEngines,
  type EngineRequest,
} from "../engines/assemble/choose-engines.ts";
import { placeInCatalogue } from "../engines/assemble/place-in-catalogue.ts";
import type { Plan } from "../plan/model.ts";

/** Where the images of a run go, and what a person said about engines. */
export interface Destination {
  readonly engine?: string | undefined;
  readonly push?: boolean | undefined;
  readonly output?: string | undefined;
}

const engineNames = ["assemble", "docker"] as const;

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

/** Decides for every build which engine makes it. Throws `RefusedError` where the engine that was forced cannot. */
export function chooseEach(builds: readonly ImageBuild[], catalogue: Catalogue, request: EngineRequest): ChosenEngines {
  const chosen = chooseEngines(builds, catalogue, request);
  const impossible = chosen.builds.flatMap((each) =>
    chosen.engines[each.id]?.name === "assemble" ? obstacle(each, catalogue) : [],
  );
  if (impossible.length > 0) throw new RefusedError(impossible);
  return request.destination === "layout" ? { ...chosen, engines: withDockerParents(chosen) } : chosen;
}

function obstacle(build: ImageBuild, catalogue: Catalogue): Diagnostic[] {
  const verdict = canAssemble(build);
  if (verdict.ok) return [];
  const place = verdict.obstacle.range && placeInCatalogue(build, verdict.obstacle.range, catalogue);
  const message = `the embedded engine cannot make ${build.id}: it ${verdict.why}`;
  const help = "leave --engine out, so that each build gets the engine that suits it";
  return [error("needs-engine", message, { help, ...(place && { at: { ...place, column: 1 } }) })];
}

/** Docker does not read a layout: what it builds on, it builds, too. */
function withDockerParents({ builds, engines }: ChosenEngines): ChosenEngines["engines"] {
  const result = { ...engines };
  for (const { id, kind, dependsOn } of [...builds].reverse()) {
    if (kind === "payload" || result[id]?.name !== "docker") continue;
    for (const parent of dependsOn) {
      if (result[parent]?.name === "assemble")
        result[parent] = { name: "docker", why: `${id} is built on it by docker` };
    }
  }
  return result;
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
