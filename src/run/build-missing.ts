import { availableParallelism } from "node:os";
import type { Catalogue } from "../catalogue/model.ts";
import type { ImageBuild } from "../compose/model.ts";
import { type ResolvedBases, resolveBases } from "../engines/bases.ts";
import { runBuilds } from "../engines/run-builds.ts";
import type { BuildResult, RunOptions } from "../engines/run-model.ts";
import { pushUnique } from "../publish/push-unique.ts";
import type { Survey } from "../publish/survey.ts";
import type { Composed } from "./compose.ts";
import type { Engines } from "./engines.ts";
import { type BuildRequest, type BuildWatch, publishes } from "./model.ts";
import type { Outlet } from "./outlet.ts";
import type { Run } from "./provenance.ts";
import { keepsUnique } from "./publish-built.ts";
import type { Session } from "./session.ts";

/** What a build works with. */
export interface Tools {
  readonly outlet: Outlet;
  readonly engines: Engines;
  readonly run: Run;
}

/** Builds what is not there yet; each image gets its unique tag as soon as it is made, where there is somewhere to push to. */
export async function buildMissing(
  session: Session,
  { plan, catalogue, builds }: Composed,
  { present }: Survey,
  tools: Tools,
  request: BuildRequest,
  watch: BuildWatch,
): Promise<BuildResult[]> {
  const missing = builds.filter(({ id }) => !present.has(id));
  const bases = await basesOf(session, catalogue, missing, tools, request);
  watch.warned?.(bases.warnings);
  const { network, jobs = availableParallelism() } = catalogue.settings;
  return runBuilds(builds, {
    root: catalogue.root,
    bases,
    engineFor: tools.engines.engineFor,
    jobs,
    created: tools.run.created,
    noCache: request.noCache ?? false,
    parentsAreLocal: request.output !== undefined,
    ...(network !== undefined && { network }),
    logs: tools.run.logs,
    signal: session.signal,
    events: watch,
    present,
    ...(publishes(request) && { publish: keepsUnique(plan) ? pushUnique(tools.outlet.moving.registries) : overwrite }),
  });
}

const overwrite: NonNullable<RunOptions["publish"]> = async (image, { kind }, engine, task) =>
  kind === "payload" ? image : { ...image, manifest: await engine.push(image, image.reference, task) };

async function basesOf(
  { signal }: Session,
  { settings: { repo, home } }: Catalogue,
  builds: readonly ImageBuild[],
  { outlet, engines, run }: Tools,
  { push }: BuildRequest,
): Promise<ResolvedBases> {
  const log = await run.logs.open("bases");
  try {
    return await resolveBases(builds, {
      repositories: [...new Set([repo, home])],
      registries: outlet.sources,
      engineFor: engines.engineFor,
      mayUseLocal: !push,
      task: { log, signal },
    });
  } finally {
    log.end();
  }
}
