import { once } from "node:events";
import type { ImageBuild } from "../compose/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { redactDiagnostics } from "../diagnostics/redact.ts";
import type { Examined } from "../freeze/model.ts";
import type { BuiltImage, Engine, Task } from "./model.ts";
import { makeReady } from "./ready.ts";
import type { BuildResult, MadeBuild, RunOptions } from "./run-model.ts";
import { testProblem } from "./tests/problem.ts";
import { type EndedTest, runTests } from "./tests/run-tests.ts";

/** Builds, tests and publishes one image. Never throws: what goes wrong is the result. */
export async function runOne(
  build: ImageBuild,
  built: ReadonlyMap<string, BuiltImage>,
  options: RunOptions,
): Promise<BuildResult> {
  const { id } = build;
  const started = performance.now();
  options.events?.started?.(id);
  const seconds = (): number => (performance.now() - started) / 1000;
  const log = options.logs.pathOf(id);
  try {
    const made = await withLog(build, options, (task) => makeImage(build, built, options, task));
    return { id, outcome: "done", ...made, seconds: seconds(), log };
  } catch (cause) {
    if (options.signal.aborted) return { id, outcome: "stopped" };
    return {
      id,
      outcome: "failed",
      problems: redactDiagnostics(problemsOf(cause), options.logs.redact),
      seconds: seconds(),
      log,
    };
  }
}

async function makeImage(
  build: ImageBuild,
  built: ReadonlyMap<string, BuiltImage>,
  options: RunOptions,
  task: Task,
): Promise<{ readonly image: BuiltImage; readonly examined?: Examined }> {
  const engine = options.engineFor(build);
  const ready = await makeReady(build, engine, built, options, task);
  task.log.write(`${ready.dockerfile}\n`);
  const image = await engine.build(ready, task);
  await testImage({ id: build.id, tests: build.test }, image, engine, options, task);
  const examined = await examineImage({ image, ready, engine, built, task }, options);
  const more = examined && { examined };
  if (options.publish === undefined) return { image, ...more };
  const published = await options.publish(image, build, engine, task);
  if (published.manifest) options.events?.pushed?.(build.id, published.reference, published.manifest);
  return { image: published, ...more };
}

/** What the image makes of its science image, and how it fares in the tests of that (B42, B43). */
async function examineImage(made: MadeBuild, options: RunOptions): Promise<Examined | undefined> {
  const { image, engine, task } = made;
  const { build } = made.ready;
  const found = await options.examine?.(made);
  if (!found) return undefined;
  const { run, ...examined } = found;
  if (run.length === 0) return examined;
  if (!engine.containers)
    return { ...examined, tests: { state: "not tested", why: `"${engine.name}" runs no containers` } };
  await testImage({ id: build.id, tests: run }, image, engine, options, task);
  return { ...examined, tests: { state: "passed" } };
}

/** Throws `FailedError` with every test that has not passed. */
async function testImage(
  { id, tests }: { readonly id: string; readonly tests: ImageBuild["test"] },
  image: BuiltImage,
  { containers, name }: Engine,
  { root, network, logs, events }: RunOptions,
  task: Task,
): Promise<void> {
  if (tests.length === 0) return;
  if (containers === undefined) throw cannotTest(id, name);
  const told = (test: EndedTest): void => events?.tested?.(id, test);
  const ended = await runTests(tests, image.reference, { containers, root, network, redact: logs.redact, told }, task);
  const problems = ended.flatMap((each) => testProblem(id, each) ?? []);
  if (problems.length > 0) throw new FailedError(problems);
}

const cannotTest = (id: string, name: string): FailedError =>
  new FailedError([
    error("cannot-test", `${id} has tests, which need an engine that runs containers; "${name}" does not`, {
      help: "build it with --engine docker",
    }),
  ]);

async function withLog<T>(
  { id }: ImageBuild,
  { logs, signal, events }: RunOptions,
  use: (task: Task) => Promise<T>,
): Promise<T> {
  const log = await logs.open(id, (line) => events?.said?.(id, line));
  try {
    return await use({ log, signal });
  } finally {
    log.end();
    await once(log, "close").catch(() => undefined);
  }
}

/** What is no known failure is a fault of this program, and is told with its own words. */
function problemsOf(cause: unknown): readonly Diagnostic[] {
  if (cause instanceof FailedError || cause instanceof RefusedError) return cause.diagnostics;
  const message = cause instanceof Error ? cause.message : String(cause);
  return [error("build-failed", message === "" ? "the build failed" : message)];
}
