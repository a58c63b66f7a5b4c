import { tmpdir } from "node:os";
import { type ChosenEngines, chooseEngines, type EngineRequest } from "../build/engines/assemble/choose-engines.ts";
import { dockerPayloads } from "../build/engines/assemble/docker-payloads.ts";
import { createAssembleEngine } from "../build/engines/assemble/engine.ts";
import { createDockerEngine } from "../build/engines/docker/docker.ts";
import type { Engine } from "../build/model.ts";
import type { Environment } from "../build/processes.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { composeBuilds, contextDirectories } from "../compose/compose.ts";
import type { ImageBuild } from "../compose/model.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { cacheDirectory } from "../files/cache.ts";
import type { Plan } from "../plan/model.ts";
import type { Registries, Registry } from "../registry/model.ts";

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
  const destination = push ? "registry" : output === undefined ? "store" : "layout";
  return { ...(engine !== undefined && { forced: engine }), destination };
}

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

/** The engines of a run; each is made when the first build needs it, so that Docker is only asked for where a build needs it. */
export interface Engines {
  readonly engineFor: (build: ImageBuild) => Engine;
  close(): Promise<void>;
}

export interface EnginesOptions {
  readonly registries: Registries;
  readonly environment: Environment;
  /** Takes what is pushed in place of any registry. */
  readonly layout?: Registry | undefined;
}

export function openEngines(
  chosen: ChosenEngines["engines"],
  { registries, environment, layout }: EnginesOptions,
): Engines {
  const docker = createDockerEngine(environment);
  const assemble = createAssembleEngine({
    registries,
    cache: cacheDirectory(environment),
    temporary: tmpdir(),
    payloads: dockerPayloads(environment),
    ...(layout && { destination: layout }),
  });
  return {
    engineFor: ({ id }) => (chosen[id]?.name === "assemble" ? assemble : docker),
    close: () => assemble.close(),
  };
}
