import { mkdir, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { renderDiagnostics } from "../diagnostics/render.ts";
import { plainStyle } from "../diagnostics/style.ts";
import { replaceFile } from "../disk/private.ts";
import type { BuildResult } from "../engines/run-model.ts";
import type { EndedTest } from "../engines/tests/run-tests.ts";
import { junitXml, type ReportCase, type ReportSuite } from "./junit-xml.ts";
import type { BuildWatch } from "./model.ts";

/**
 * Does what a run does, and writes what became of its builds and tests as a JUnit report, also when it fails or is refused. One that
 * lies there already is removed first, so that nobody takes it for this run's. Throws `RefusedError` where no file can be.
 */
export async function reported<T>(
  file: string | undefined,
  watch: BuildWatch,
  use: (watch: BuildWatch) => Promise<T>,
): Promise<T> {
  if (file === undefined) return use(watch);
  await makeRoom(file);
  const tests = new Map<string, EndedTest[]>();
  const suites: ReportSuite[] = [];
  const watched: BuildWatch = Object.assign(Object.create(watch) as BuildWatch, {
    tested(id: string, test: EndedTest): void {
      tests.set(id, [...(tests.get(id) ?? []), test]);
      watch.tested?.(id, test);
    },
    finished(result: BuildResult): void {
      suites.push(suiteOf(result, tests.get(result.id) ?? []));
      watch.finished?.(result);
    },
  } satisfies BuildWatch);
  try {
    return await use(watched);
  } catch (cause) {
    suites.push({ name: "run", time: 0, cases: [{ name: "run", time: 0, result: brokenBy(cause) }] });
    throw cause;
  } finally {
    await replaceFile(file, junitXml(suites, "image-builder"));
  }
}

async function makeRoom(file: string): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await rm(file, { force: true });
  } catch (cause) {
    const message = `no report can be written to ${file}: ${(cause as NodeJS.ErrnoException).code ?? String(cause)}`;
    throw new RefusedError([
      error("bad-report-file", message, { help: "name a file in a folder of your own with --junit" }),
    ]);
  }
}

function suiteOf(result: BuildResult, tests: readonly EndedTest[]): ReportSuite {
  const time = "seconds" in result ? result.seconds : 0;
  const ofTests = tests.reduce((sum, { seconds }) => sum + seconds, 0);
  return {
    name: result.id,
    time,
    cases: [buildCase(result, Math.max(0, time - ofTests), tests), ...tests.map(testCase)],
  };
}

/** What was made before its tests. An image that only fails its tests was built. */
function buildCase(result: BuildResult, time: number, tests: readonly EndedTest[]): ReportCase {
  const common = { name: "build", time };
  if (result.outcome === "failed") {
    const isBuilt = tests.length > 0 && result.problems.every(({ code }) => ofTests.has(code));
    return isBuilt ? common : { ...common, result: errorOf(result.problems) };
  }
  const why = {
    done: undefined,
    present: "it is published already",
    skipped: "because" in result ? `${result.because} was not built` : "",
    stopped: "the run was stopped",
  }[result.outcome];
  return why === undefined ? common : { ...common, result: { kind: "skipped", message: why } };
}

const ofTests: ReadonlySet<string> = new Set(["test-failed", "test-timeout"]);

function testCase({ name, seconds, outcome, code, timeout, output }: EndedTest): ReportCase {
  const common = { name, time: seconds };
  if (outcome === "passed") return common;
  const message = outcome === "timed-out" ? `stopped after ${timeout} s, its limit` : `exit code ${code}`;
  return { ...common, result: { kind: "failure", message, text: output.slice(-longest) } };
}

/** Characters of what a test said. */
const longest = 16 * 1024;

const brokenBy = (cause: unknown): NonNullable<ReportCase["result"]> =>
  cause instanceof FailedError || cause instanceof RefusedError
    ? errorOf(cause.diagnostics)
    : { kind: "error", message: cause instanceof Error ? cause.message : String(cause) };

const errorOf = (problems: readonly Diagnostic[]): NonNullable<ReportCase["result"]> => ({
  kind: "error",
  message: problems[0]?.message ?? "it failed",
  text: renderDiagnostics(problems, plainStyle),
});
