import { error } from "../../diagnostics/diagnostic.ts";
import { FailedError } from "../../diagnostics/failure.ts";
import type { Redact } from "../../diagnostics/redact.ts";
import type { Blamed } from "../blame.ts";
import type { Task } from "../model.ts";
import { type Environment, lastLines, type ProcessResult, printableCommand, runProcess } from "../processes.ts";
import { type DockerFeatures, readFeatures } from "./features.ts";
import { noEngine } from "./no-engine.ts";

/** The docker command line with one environment. */
export interface Client {
  /** Asked once. Throws `FailedError` when there is no client or no engine. */
  features(): Promise<DockerFeatures>;
  /** Throws `FailedError` with this message and the command's own last words when it fails. */
  run(command: readonly string[], task: Task, failure: string, more?: MoreOfRun): Promise<ProcessResult>;
  /** As `run`; an exit code is an answer like any other. */
  attempt(command: readonly string[], task: Task, more?: MoreOfRun): Promise<ProcessResult>;
  /** What `run` throws. */
  failed(failure: string, command: readonly string[], result: ProcessResult): FailedError;
  /** Undefined when it fails. */
  ask(command: readonly string[], signal?: AbortSignal): Promise<string | undefined>;
}

interface MoreOfRun {
  readonly environment?: Environment;
  /** Where it fails. */
  readonly blamed?: Blamed;
  /** Path of the file that is its input. */
  readonly input?: string;
}

export function connect(environment: Environment, redact: Redact): Client {
  let known: Promise<DockerFeatures> | undefined;
  const ask = (command: readonly string[], signal?: AbortSignal) => askQuietly(command, environment, signal);
  const attempt: Client["attempt"] = (command, { log, signal }, { environment: more, blamed, input } = {}) => {
    const line = blamed?.hear;
    const streams = { log, ...(line && { line }), ...(input !== undefined && { input }) };
    return runProcess(command, { environment: { ...environment, ...more }, signal, ...streams });
  };
  return {
    features: () => (known ??= probe(environment, ask, redact)),
    ask,
    attempt,
    async run(command, task, failure, more) {
      const result = await attempt(command, task, more);
      if (result.code !== 0) throw failed(failure, command, result, redact, more?.blamed?.place());
      return result;
    },
    failed: (failure, command, result) => failed(failure, command, result, redact, undefined),
  };
}

async function probe(environment: Environment, ask: Client["ask"], redact: Redact): Promise<DockerFeatures> {
  const command = ["docker", "version", "--format", "{{json .}}"];
  const [version, buildx, processors] = await Promise.all([
    runProcess(command, { environment, signal: probeLimit() }),
    ask(["docker", "buildx", "version"], probeLimit()),
    ask(["docker", "info", "--format", "{{.NCPU}}"], probeLimit()),
  ]);
  const features = readFeatures(version.stdout, buildx, environment["DOCKER_BUILDKIT"], processors);
  if (!features) throw noEngine(command, { ...version, stderr: redact(version.stderr) }, environment);
  return features;
}

/** An engine behind a dead connection would keep its client waiting for ever. */
const probeLimit = (): AbortSignal => AbortSignal.timeout(30_000);

async function askQuietly(
  command: readonly string[],
  environment: Environment,
  signal: AbortSignal = new AbortController().signal,
): Promise<string | undefined> {
  const result = await runProcess(command, { environment, signal });
  return result.code === 0 ? result.stdout : undefined;
}

function failed(
  message: string,
  command: readonly string[],
  { code, output, seconds }: ProcessResult,
  redact: Redact,
  place: ReturnType<Blamed["place"]> | undefined,
): FailedError {
  const words = lastLines(place ? withoutFrame(output) : output).map(redact);
  const ran = `"${shorten(printableCommand(command))}" ended with exit code ${code} after ${seconds.toFixed(1)} s`;
  return new FailedError([
    error("engine-failed", message, { ...place, notes: [ran, ...words].map((each) => ({ message: each })) }),
  ]);
}

const shorten = (text: string): string => (text.length > 160 ? `${text.slice(0, 157)}…` : text);

/** BuildKit's own view of the place: it counts the lines of a file that only image-builder knows. */
const withoutFrame = (text: string): string => text.replace(/^Dockerfile:\d+\n(-{3,})\n(?: *\d+ \|.*\n)+\1$/m, "");
