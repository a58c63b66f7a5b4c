import { join } from "node:path";
import { Writable } from "node:stream";
import type { ImageTest } from "../../compose/model.ts";
import type { Redact } from "../../diagnostics/redact.ts";
import { withTemporary } from "../../disk/temporary.ts";
import type { ContainerRun, Containers, Task } from "../model.ts";
import { writeTestArchive } from "./archive.ts";

/** What tests of one image are run with. */
interface TestRoom {
  readonly containers: Containers;
  /** Absolute path that the files of tests are relative to. */
  readonly root: string;
  /** Network of tests that have one, as `docker run --network` takes it; the engine's usual one when undefined. */
  readonly network?: string | undefined;
  readonly redact: Redact;
  /** Told of each test as soon as it has ended. */
  readonly told?: ((test: EndedTest) => void) | undefined;
}

/** What became of a test. */
export interface EndedTest {
  readonly name: string;
  readonly place: ImageTest["place"];
  /** `timed-out`: it was stopped when its limit was over. */
  readonly outcome: "passed" | "failed" | "timed-out";
  readonly seconds: number;
  /** What it ended with; undefined where it was stopped. */
  readonly code?: number;
  /** Seconds, where it has a limit. */
  readonly timeout?: number;
  /** The end of what it wrote, at most 64 KiB, without secrets. */
  readonly output: string;
}

/**
 * Runs tests in an image that the engine has, one after the other, each in a container of its own and all of them, whatever becomes
 * of one. `image`: a reference. Throws `FailedError` where the engine fails, and the signal's reason when it is aborted.
 */
export async function runTests(
  tests: readonly ImageTest[],
  image: string,
  room: TestRoom,
  task: Task,
): Promise<EndedTest[]> {
  const ended: EndedTest[] = [];
  for (const test of tests) {
    const result = await runTest(test, image, room, task);
    task.log.write(`test ${JSON.stringify(test.name)} ${inWords(result)}\n`);
    room.told?.(result);
    ended.push(result);
  }
  return ended;
}

const inWords = ({ outcome, seconds, code }: EndedTest): string => {
  const how = { passed: "passed", failed: `failed with exit code ${code}`, "timed-out": "was stopped" }[outcome];
  return `${how} after ${seconds.toFixed(1)} s`;
};

async function runTest(test: ImageTest, image: string, room: TestRoom, task: Task): Promise<EndedTest> {
  const run = containerOf(test, image, room);
  if (test.files.length === 0) return within(test, run, room, task);
  return withTemporary(async (folder) => {
    const archive = join(folder, "files.tar");
    await writeTestArchive(archive, test.files, room.root, task.signal);
    return within(test, { ...run, archive }, room, task);
  });
}

function containerOf({ run, network, user }: ImageTest, image: string, room: TestRoom): ContainerRun {
  const [program = "", ...args] = typeof run === "string" ? ["/bin/sh", "-c", run] : run;
  return {
    image,
    command: [program, ...args],
    network: network ? (room.network ?? "default") : "none",
    ...(user !== undefined && { user }),
  };
}

/** The limit is that of the program: making a container and copying files into it counts. */
async function within(test: ImageTest, run: ContainerRun, room: TestRoom, task: Task): Promise<EndedTest> {
  const { name, place, timeout } = test;
  const started = performance.now();
  const limit = new AbortController();
  const timer = timeout === undefined ? undefined : setTimeout(() => limit.abort(), timeout * 1000);
  const heard = listening(task.log);
  const common = { name, place, ...(timeout !== undefined && { timeout }) };
  try {
    const signal = AbortSignal.any([task.signal, limit.signal]);
    const { code, output, seconds } = await room.containers.run(run, { log: heard.log, signal });
    return { ...common, outcome: code === 0 ? "passed" : "failed", code, seconds, output: room.redact(output) };
  } catch (cause) {
    if (!limit.signal.aborted || task.signal.aborted) throw cause;
    const seconds = (performance.now() - started) / 1000;
    return { ...common, outcome: "timed-out", seconds, output: room.redact(heard.text()) };
  } finally {
    clearTimeout(timer);
  }
}

/** Characters. */
const kept = 64 * 1024;

/** A log that remembers the end of what is written to it: a test that is stopped has no result that would have it. */
function listening(log: Writable): { readonly log: Writable; text(): string } {
  let text = "";
  const heard = new Writable({
    decodeStrings: false,
    write(chunk: Buffer | string, _encoding, done) {
      text = `${text}${chunk.toString()}`.slice(-kept);
      log.write(chunk);
      done();
    },
  });
  return { log: heard, text: () => text };
}
