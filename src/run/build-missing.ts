import { availableParallelism } from "node:os";
import type { Catalogue } from "../catalogue/model.ts";
import type { ImageBuild, NamedBase, Pin } from "../compose/model.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { type ResolvedBases, resolveBases } from "../engines/bases.ts";
import type { BasePins } from "../engines/find-bases.ts";
import type { SecretSource } from "../engines/model.ts";
import { isWanted, runBuilds } from "../engines/run-builds.ts";
import type { BuildResult, RunOptions } from "../engines/run-model.ts";
import { pushUnique } from "../publish/push-unique.ts";
import { withdrawnBuilds } from "../publish/withdrawn-builds.ts";
import type { Job } from "./cut.ts";
import { durations } from "./durations.ts";
import type { Engines } from "./engines.ts";
import { examiner } from "./examine.ts";
import { type BuildRequest, type BuildWatch, publishes } from "./model.ts";
import type { Outlet } from "./outlet.ts";
import type { Run } from "./provenance.ts";
import { type Before, keepsUnique } from "./publish-built.ts";
import { refuseWithoutSecrets } from "./secrets.ts";
import type { Session } from "./session.ts";

/** What a build works with. */
export interface Tools {
  readonly outlet: Outlet;
  readonly engines: Engines;
  readonly run: Run;
  readonly secrets: ReadonlyMap<string, SecretSource>;
}

/** Builds what is not there yet; each image gets its unique tag as soon as it is made, where there is somewhere to push to. */
export async function buildMissing(
  session: Session,
  { plan, catalogue, builds, pins }: Job,
  { present, seen, refused, shared }: Before,
  tools: Tools,
  request: BuildRequest,
  watch: BuildWatch,
): Promise<BuildResult[]> {
  const missing = builds.filter(({ id }) => !present.has(id));
  refuseWithoutSecrets(
    missing.filter((each) => isWanted(each, builds, present)),
    tools.secrets,
  );
  const bases = await basesOf(session, catalogue, missing, tools, request, pins);
  watch.warned?.([...bases.warnings, ...keptAll(builds, present, request)]);
  const again = await refuseWithdrawn(catalogue, missing, bases, tools, request);
  // What an engine remembers of an instruction is what was fetched then.
  const isRefreshed = plan.builds.some(({ reasons }) => reasons.some(({ kind }) => kind === "refreshed"));
  const remembered = await durations(session, new Set(missing.map(({ id }) => id)));
  const { network, jobs = await jobsOf(missing, tools.engines) } = catalogue.settings;
  return runBuilds(builds, {
    root: catalogue.root,
    bases,
    engineFor: tools.engines.engineFor,
    jobs,
    seconds: ({ id }) => remembered.get(id),
    created: tools.run.created,
    ...(tools.run.committed !== undefined && !isRefreshed && { committed: tools.run.committed }),
    noCache: request.noCache === true || isRefreshed,
    parentsAreLocal: request.output !== undefined,
    ...(network !== undefined && { network }),
    secrets: tools.secrets,
    logs: tools.run.logs,
    signal: session.signal,
    events: watch,
    present,
    refused: new Map([...refused, ...again]),
    examine: examiner(
      session,
      {
        registries: tools.outlet.sources,
        builds,
        engineFor: tools.engines.engineFor,
        mayAttach: request.push === true,
      },
      watch,
      request,
    ),
    ...(publishes(request) && {
      publish: keepsUnique(plan) ? pushUnique(tools.outlet.moving.registries, shared, { present, seen }) : overwrite,
    }),
  });
}

/** What the engines say of themselves, for those that take as many as they are given. */
async function jobsOf(builds: readonly ImageBuild[], { engineFor }: Engines): Promise<number> {
  const engines = [...new Set(builds.map(engineFor))].filter(({ parallel }) => parallel === undefined);
  // One that cannot be used is told of by the first build that needs it.
  const features = await Promise.all(engines.map((each) => each.probe().catch(() => undefined)));
  return Math.max(...features.map((each) => each?.jobs ?? availableParallelism()), 1);
}

/** `--no-cache` is about how something is built; what is published already is not built, and that is said. */
function keptAll(builds: readonly ImageBuild[], present: Before["present"], { noCache }: BuildRequest): Diagnostic[] {
  const kept = builds.filter(({ id }) => present.has(id)).map(({ id }) => id);
  if (noCache !== true || kept.length === 0) return [];
  const names = `${kept.slice(0, 5).join(", ")}${kept.length > 5 ? ` and ${kept.length - 5} more` : ""}`;
  const message = `--no-cache does nothing for ${names}: published under this commit's unique tag already`;
  return [warning("no-cache-kept", message, { help: "--refresh DIR|IMAGE builds anew what has not changed" })];
}

/** Throws `RefusedError` for builds that are withdrawn before they are made (B37); with `keepGoing` they are left out. */
async function refuseWithdrawn(
  { settings: { withdrawn } }: Catalogue,
  builds: readonly ImageBuild[],
  { pinOf }: ResolvedBases,
  { outlet: { sources: registries }, engines }: Tools,
  { keepGoing, ...request }: BuildRequest,
): Promise<Map<string, readonly Diagnostic[]>> {
  if (!publishes(request) || withdrawn.length === 0) return new Map();
  const pin = (base: NamedBase, build: ImageBuild): Pin => pinOf(base, engines.engineFor(build));
  const found = await withdrawnBuilds(builds, { withdrawn, registries, pinOf: pin });
  if (found.size > 0 && (!keepGoing || found.size === builds.length))
    throw new RefusedError([...found.values()].flat());
  return found;
}

const overwrite: NonNullable<RunOptions["publish"]> = async (image, { kind }, engine, task) =>
  kind === "payload" ? image : { ...image, manifest: await engine.push(image, image.reference, task) };

async function basesOf(
  { signal }: Session,
  { settings: { repo, home } }: Catalogue,
  builds: readonly ImageBuild[],
  { outlet, engines, run }: Tools,
  { push }: BuildRequest,
  pins: BasePins | undefined,
): Promise<ResolvedBases> {
  const log = await run.logs.open("bases");
  try {
    return await resolveBases(builds, {
      repositories: [...new Set([repo, home])],
      registries: outlet.sources,
      engineFor: engines.engineFor,
      mayUseLocal: !push,
      task: { log, signal },
      pins,
    });
  } finally {
    log.end();
  }
}
