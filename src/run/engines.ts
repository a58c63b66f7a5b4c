import { createDockerEngine } from "../build/engines/docker/docker.ts";
import type { Engine } from "../build/model.ts";
import type { Environment } from "../build/processes.ts";
import type { ImageBuild } from "../compose/model.ts";
import type { Registries } from "../registry/model.ts";
import type { ExecuteOptions } from "./execute.ts";
import type { Prepared } from "./prepare.ts";

/** The engines of a run; each is made when the first build needs it. */
export interface Engines {
  readonly engineFor: (build: ImageBuild) => Engine;
  close(): Promise<void>;
}

export function openEngines(
  _prepared: Prepared,
  _options: ExecuteOptions,
  _registries: Registries,
  environment: Environment,
): Engines {
  const docker = createDockerEngine(environment);
  return { engineFor: () => docker, close: () => Promise.resolve() };
}
