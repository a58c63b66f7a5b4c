import { availableParallelism } from "node:os";
import { resolveBases } from "../build/bases.ts";
import { readContexts } from "../build/context.ts";
import { createLogs, logFolder } from "../build/logs.ts";
import type { Environment } from "../build/processes.ts";
import { type BuildResult, type RunEvents, runBuilds } from "../build/run-builds.ts";
import { composeBuilds, contextDirectories } from "../compose/compose.ts";
import type { ImageBuild } from "../compose/model.ts";
import { type Diagnostic, hasErrors } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import type { Plan } from "../plan/model.ts";
import { publishProblems } from "../publish/problems.ts";
import { pushUnique } from "../publish/push-unique.ts";
import { type Survey, surveyPublished } from "../publish/survey.ts";
import type { Registries } from "../registry/model.ts";
import { createRegistries } from "../registry/registries.ts";
import { type Engines, openEngines } from "./engines.ts";
import type { Prepared } from "./prepare.ts";
import { creationTime, runName, sourceAddress } from "./provenance.ts";

/** What a person may ask of a run; absent keys mean what the command line means without the option. */
export interface ExecuteOptions {
  readonly push?: boolean;
  /** Builds side by side; the number of processors when undefined. */
  readonly jobs?: number;
  /** Forces one engine. */
  readonly engine?: string;
  readonly keepGoing?: boolean;
  readonly noCache?: boolean;
  readonly allowOrphans?: boolean;
  /** `oci:DIR`. */
  readonly output?: string;
  /** A plan that was saved earlier, in place of the one just made. */
  readonly plan?: Plan;
}

export interface ExecuteIo {
  readonly events: RunEvents;
  readonly signal: AbortSignal;
  readonly environment: Environment;
  /** Told as they are found, before anything is built. */
  warn(warnings: readonly Diagnostic[]): void;
}

export interface Outcome {
  readonly plan: Plan;
  /** In the plan's order. */
  readonly results: readonly BuildResult[];
  /** Folder of the logs. */
  readonly logs: string;
}

/** Composes, builds and, when asked, publishes a plan (B24–B32). Throws before anything is built, or not at all for a build that fails. */
export async function execute(prepared: Prepared, options: ExecuteOptions, io: ExecuteIo): Promise<Outcome> {
  const plan = options.plan ?? prepared.plan;
  refuse(options.push ? publishProblems(plan, { allowOrphans: options.allowOrphans ?? false }) : []);
  const registries = createRegistries({ insecure: prepared.catalogue.settings.insecure, environment: io.environment });
  const started = new Date();
  const logs = createLogs(logFolder(io.environment, runName(plan, started)));
  const engines = openEngines(prepared, options, registries, io.environment);
  try {
    const builds = await compose(prepared, plan, io);
    const run = { prepared, options, io, registries, engines, logs, created: creationTime(io.environment, started) };
    return { plan, results: await build(run, builds), logs: logs.folder };
  } finally {
    await Promise.all([registries.close(), engines.close()]);
  }
}

function refuse(problems: readonly Diagnostic[]): void {
  if (hasErrors(problems)) throw new RefusedError(problems);
}

async function compose({ catalogue, changes }: Prepared, plan: Plan, io: ExecuteIo): Promise<ImageBuild[]> {
  const directories = contextDirectories(plan, catalogue);
  const contexts = await readContexts(catalogue.root, directories, { untracked: changes.untracked, signal: io.signal });
  const source = await sourceAddress(catalogue.root);
  return composeBuilds(plan, catalogue, contexts, { source });
}

interface Run {
  readonly prepared: Prepared;
  readonly options: ExecuteOptions;
  readonly io: ExecuteIo;
  readonly registries: Registries;
  readonly engines: Engines;
  readonly logs: ReturnType<typeof createLogs>;
  readonly created: number;
}

async function build(run: Run, builds: readonly ImageBuild[]): Promise<BuildResult[]> {
  const { options, io, registries, engines } = run;
  const survey = options.push ? await surveyPublished(builds, registries) : nothingThere;
  const missing = builds.filter(({ id }) => !survey.present.has(id));
  const bases = await basesOf(run, missing);
  io.warn(bases.warnings);
  const { network } = run.prepared.catalogue.settings;
  return runBuilds(builds, {
    root: run.prepared.catalogue.root,
    bases,
    engineFor: engines.engineFor,
    jobs: options.jobs ?? availableParallelism(),
    created: run.created,
    noCache: options.noCache ?? false,
    ...(network !== undefined && { network }),
    logs: run.logs,
    signal: io.signal,
    events: io.events,
    present: survey.present,
    ...(options.push && { publish: pushUnique(registries) }),
  });
}

const nothingThere: Survey = { present: new Map(), stable: new Map() };

async function basesOf({ prepared, options, io, registries, engines, logs }: Run, builds: readonly ImageBuild[]) {
  const { repo, home } = prepared.catalogue.settings;
  const log = await logs.open("bases");
  try {
    const task = { log, signal: io.signal };
    const repositories = [...new Set([repo, home])];
    return await resolveBases(builds, {
      repositories,
      registries,
      engineFor: engines.engineFor,
      mayUseLocal: !options.push,
      task,
    });
  } finally {
    log.end();
  }
}
