import { tmpdir } from "node:os";
import type { ImageBuild } from "../compose/model.ts";
import type { Redact } from "../diagnostics/redact.ts";
import { createAssembleEngine } from "../engines/assemble/engine.ts";
import { dockerPayloads } from "../engines/assemble/files/docker-payloads.ts";
import type { ChosenEngines } from "../engines/choice/choose-engines.ts";
import type { EngineName } from "../engines/choice/table.ts";
import { createDockerEngine } from "../engines/docker/docker.ts";
import type { Engine } from "../engines/model.ts";
import type { Environment } from "../engines/processes.ts";
import { cacheDirectory } from "../files/cache.ts";
import type { Registries, Registry } from "../registry/model.ts";
import { overlayRegistries } from "../registry/overlay.ts";

/** The engines of a run; each is made when the first build needs it, so that Docker is only asked for where a build needs it. */
export interface Engines {
  readonly engineFor: (build: ImageBuild) => Engine;
  close(): Promise<void>;
}

interface EnginesOptions {
  readonly registries: Registries;
  readonly environment: Environment;
  /** For what an engine says before it is part of a message. */
  readonly redact: Redact;
  /** Takes what is pushed in place of any registry. */
  readonly layout?: Registry | undefined;
}

export function openEngines(
  chosen: ChosenEngines["engines"],
  { registries, environment, redact, layout }: EnginesOptions,
): Engines {
  const docker = createDockerEngine(environment, layout, redact);
  const assemble = createAssembleEngine({
    registries: layout ? overlayRegistries(layout, registries) : registries,
    cache: cacheDirectory(environment),
    temporary: tmpdir(),
    payloads: dockerPayloads(environment),
    ...(layout && { destination: layout }),
  });
  const opened: ReadonlyMap<string, Engine> = new Map(
    Object.entries({ assemble, docker } satisfies Record<EngineName, Engine>),
  );
  return {
    engineFor: ({ id }) => engineOf(id, opened.get(chosen[id]?.name ?? "")),
    close: () => assemble.close(),
  };
}

function engineOf(id: string, engine: Engine | undefined): Engine {
  if (engine === undefined) throw new Error(`no engine was chosen for ${id}`);
  return engine;
}
