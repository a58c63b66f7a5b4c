import { mkdtemp, rm } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { resolveBases } from "../build/bases.ts";
import { readContexts } from "../build/context.ts";
import { createLogs, logFolder } from "../build/logs.ts";
import type { Environment } from "../build/processes.ts";
import { type BuildResult, type RunEvents, type RunOptions, runBuilds } from "../build/run-builds.ts";
import { composeBuilds, contextDirectories } from "../compose/compose.ts";
import type { ImageBuild } from "../compose/model.ts";
import { type Diagnostic, error, hasErrors } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import type { Plan } from "../plan/model.ts";
import { journalFolder } from "../publish/journal.ts";
import type { MoveOptions } from "../publish/move-tags.ts";
import { publishProblems } from "../publish/problems.ts";
import { type PublishedImage, publishStable } from "../publish/publish-stable.ts";
import { pushUnique } from "../publish/push-unique.ts";
import { resumeRuns } from "../publish/resume.ts";
import { type Survey, stableDigests, surveyPublished } from "../publish/survey.ts";
import { openLayout } from "../registry/layout.ts";
import type { Registries, Registry } from "../registry/model.ts";
import { createRegistries } from "../registry/registries.ts";
import { rememberManifests } from "../registry/remember.ts";
import { attest, signingKey } from "./attest.ts";
import { chooseEach, engineRequest } from "./choice.ts";
import { type Engines, openEngines } from "./engines.ts";
import type { Prepared } from "./prepare.ts";
import { creationTime, runName, sourceAddress } from "./provenance.ts";

/** What a person may ask of a run; absent keys mean what the command line means without the option. */
export interface ExecuteOptions {
  readonly push?: boolean;
  readonly keepGoing?: boolean;
  readonly noCache?: boolean;
  readonly allowOrphans?: boolean;
  /** `oci:DIR`. */
  readonly output?: string;
  /** PEM file of the key that signs the verdicts of published images. */
  readonly key?: string;
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
  /** In the plan's order; empty when nothing was to be published. */
  readonly published: readonly PublishedImage[];
  /** Folder of the logs. */
  readonly logs: string;
}

/** Composes, builds and, when asked, publishes a plan (B24–B32). Throws before anything is built, or not at all for a build that fails. */
export async function execute(prepared: Prepared, options: ExecuteOptions, io: ExecuteIo): Promise<Outcome> {
  const plan = options.plan ?? prepared.plan;
  const { catalogue } = prepared;
  refuse(options.push ? publishProblems(plan, { allowOrphans: options.allowOrphans ?? false }) : []);
  const request = engineRequest({ ...options, engine: catalogue.settings.engine });
  signingKey({ ...options, environment: io.environment });
  const started = new Date();
  const name = runName(plan, started);
  const chosen = chooseEach(await compose(prepared, plan, io), catalogue, request);
  const registries = rememberManifests(
    createRegistries({ insecure: catalogue.settings.insecure, environment: io.environment }),
  );
  const logs = createLogs(logFolder(io.environment, name));
  const layout = options.output === undefined ? undefined : await openLayout(layoutFolder(options.output));
  const temporary = await mkdtemp(join(tmpdir(), "image-builder-"));
  const engines = openEngines(chosen.engines, { registries, environment: io.environment, layout });
  try {
    const run = {
      plan,
      prepared,
      options,
      io,
      registries,
      target: layout ? asRegistries(layout) : registries,
      engines,
      logs,
      journals: layout ? join(temporary, "journals") : journalFolder(prepared.gitDir),
      name,
      started,
    };
    return await buildAndPublish(run, chosen.builds);
  } finally {
    await Promise.all([registries.close(), engines.close(), rm(temporary, { recursive: true, force: true })]);
  }
}

/** Throws `RefusedError` for anything but `oci:DIR`. */
function layoutFolder(output: string): string {
  const [kind, folder] = [output.slice(0, output.indexOf(":")), output.slice(output.indexOf(":") + 1)];
  if (kind === "oci" && folder !== "") return resolve(folder);
  throw new RefusedError([
    error("bad-output", `--output is ${JSON.stringify(output)}; an OCI layout is expected`, {
      help: "write --output oci:DIR",
    }),
  ]);
}

const asRegistries = (layout: Registry): Registries => ({ registryFor: () => layout, close: () => Promise.resolve() });

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
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly options: ExecuteOptions;
  readonly io: ExecuteIo;
  /** Where bases are looked for. */
  readonly registries: Registries;
  /** Where images are published: the same, or an OCI layout in their place. */
  readonly target: Registries;
  readonly engines: Engines;
  readonly logs: ReturnType<typeof createLogs>;
  /** Where journals are kept; those of a layout go with the run, since they name what no registry has. */
  readonly journals: string;
  readonly name: string;
  readonly started: Date;
}

async function buildAndPublish(run: Run, builds: readonly ImageBuild[]): Promise<Outcome> {
  const { plan, options, io, target } = run;
  const { withdrawn } = run.prepared.catalogue.settings;
  const moving = { registries: target, folder: run.journals, signal: io.signal, withdrawn };
  if (publishes(options)) await resume(run, moving);
  const survey = await surveyOf(run, builds);
  const results = await build(run, builds, survey);
  const publishing = {
    ...moving,
    run: run.name,
    started: run.started.toISOString(),
    keepGoing: options.keepGoing ?? false,
  };
  const published = publishes(options) ? await publishStable(plan, results, survey, publishing) : [];
  if (options.push) await attestAll(run, published);
  return { plan, results, published, logs: run.logs.folder };
}

/** Whether unique tags are kept as they are. Those of uncommitted content name no commit and may be written again, in a layout. */
const isKept = ({ options, plan }: Run): boolean => publishes(options) && !plan.dirty;

async function surveyOf(run: Run, builds: readonly ImageBuild[]): Promise<Survey> {
  if (isKept(run)) return surveyPublished(builds, run.target);
  if (!publishes(run.options)) return { present: new Map(), stable: new Map() };
  return { present: new Map(), stable: await stableDigests(builds, run.target) };
}

async function attestAll({ prepared, options, io, registries, started }: Run, published: readonly PublishedImage[]) {
  const { repo, home } = prepared.catalogue.settings;
  const time = creationTime(io.environment, started);
  const attesting = { registries, prefixes: [...new Set([repo, home])], time, environment: io.environment };
  io.warn(await attest(published, { ...attesting, key: options.key }));
}

/** What a killed run has begun is finished first, so that this run sees tags that belong together. */
async function resume({ io }: Run, moving: MoveOptions): Promise<void> {
  const { warnings } = await resumeRuns(moving);
  io.warn(warnings);
}

async function build(run: Run, builds: readonly ImageBuild[], survey: Survey): Promise<BuildResult[]> {
  const { options, io, engines } = run;
  const missing = builds.filter(({ id }) => !survey.present.has(id));
  const bases = await basesOf(run, missing);
  io.warn(bases.warnings);
  const { network, jobs = availableParallelism() } = run.prepared.catalogue.settings;
  return runBuilds(builds, {
    root: run.prepared.catalogue.root,
    bases,
    engineFor: engines.engineFor,
    jobs,
    created: creationTime(io.environment, run.started),
    noCache: options.noCache ?? false,
    parentsAreLocal: options.output !== undefined,
    ...(network !== undefined && { network }),
    logs: run.logs,
    signal: io.signal,
    events: io.events,
    present: survey.present,
    ...(publishes(options) && { publish: isKept(run) ? pushUnique(run.target) : overwrite }),
  });
}

const publishes = ({ push, output }: ExecuteOptions): boolean => push === true || output !== undefined;

const overwrite: NonNullable<RunOptions["publish"]> = async (image, { kind }, engine, task) =>
  kind === "payload" ? image : { ...image, manifest: await engine.push(image, image.reference, task) };

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
