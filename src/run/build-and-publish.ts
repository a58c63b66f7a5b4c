import { availableParallelism } from "node:os";
import type { ImageBuild } from "../compose/model.ts";
import { resolveBases } from "../engines/bases.ts";
import { type BuildResult, type RunOptions, runBuilds } from "../engines/run-builds.ts";
import type { MoveOptions } from "../publish/move-tags.ts";
import { type PublishedImage, publishStable } from "../publish/publish-stable.ts";
import { pushUnique } from "../publish/push-unique.ts";
import { resumeRuns } from "../publish/resume.ts";
import { type Survey, stableDigests, surveyPublished } from "../publish/survey.ts";
import { attest } from "./attest.ts";
import type { ExecuteOptions, Outcome, Run } from "./model.ts";
import { creationTime } from "./provenance.ts";

/** Surveys what is there, builds what is missing, moves the stable tags, attests. */
export async function buildAndPublish(run: Run, builds: readonly ImageBuild[]): Promise<Outcome> {
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
  if (options.push && !options.noVerdict) await attestAll(run, published);
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
