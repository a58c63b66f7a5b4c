import { type Diagnostic, error } from "../../diagnostics/diagnostic.ts";
import { lastLines } from "../processes.ts";
import type { EndedTest } from "./run-tests.ts";

/** What is to be said of a test that has not passed; undefined for one that has. `id`: of the build. */
export function testProblem(id: string, test: EndedTest): Diagnostic | undefined {
  const { name, place, outcome, code, timeout = 0, output, seconds } = test;
  if (outcome === "passed") return undefined;
  const words = lastLines(output).map((message) => ({ message }));
  const what = `the test ${JSON.stringify(name)} of ${id}`;
  if (outcome === "timed-out") {
    const message = `${what} was stopped: it ran longer than ${inWords(timeout)}, its "timeout"`;
    return error("test-timeout", message, { ...place, notes: words, help: 'make it shorter, or raise its "timeout"' });
  }
  const notes = [{ message: `it ended with exit code ${code} after ${seconds.toFixed(1)} s` }, ...words];
  return error("test-failed", `${what} failed`, { ...place, notes });
}

/** A time in seconds, as a person would say it. */
function inWords(seconds: number): string {
  if (seconds % 3600 === 0) return count(seconds / 3600, "hour");
  return seconds % 60 === 0 ? count(seconds / 60, "minute") : count(seconds, "second");
}

const count = (number: number, unit: string): string => `${number} ${unit}${number === 1 ? "" : "s"}`;
