import { terminalPrompt } from "./cli/prompt.ts";
import { runCommandLine } from "./cli/run-command-line.ts";
import type { Output } from "./cli/world.ts";

const exitCodeOf = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const;
type Signal = keyof typeof exitCodeOf;

const interrupt = new AbortController();
const caught = catchSignals();
const exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: outputTo(process.stdout),
  stderr: outputTo(process.stderr),
  environment: process.env,
  directory: process.cwd(),
  signal: interrupt.signal,
  prompt: process.stdin.isTTY && process.stderr.isTTY ? terminalPrompt : undefined,
});
await Promise.all([drain(process.stdout), drain(process.stderr)]);
process.exit(caught.signal === undefined ? exitCode : exitCodeOf[caught.signal]);

/** The first signal asks the work to stop and clean up; a second one does not wait for that. */
function catchSignals(): { signal?: Signal } {
  const state: { signal?: Signal } = {};
  for (const signal of Object.keys(exitCodeOf) as Signal[]) {
    process.on(signal, () => {
      if (state.signal !== undefined) process.exit(exitCodeOf[signal]);
      state.signal = signal;
      process.stderr.write(`\nimage-builder: stopping and cleaning up (${signal}); once more to stop at once\n`);
      interrupt.abort(new Error(`stopped by ${signal}`));
    });
  }
  return state;
}

function outputTo(stream: NodeJS.WriteStream): Output {
  stream.on("error", ignoreClosedPipe);
  return {
    write: (text) => void stream.write(text),
    isTerminal: stream.isTTY === true,
    get columns() {
      return (stream.isTTY && stream.columns) || undefined;
    },
  };
}

/** `image-builder plan | head` is no failure, and a build does not stop because nobody reads its progress any more. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}

/** Pipes are written behind the program's back; leaving earlier would cut the answer off. */
function drain(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => {
    if (stream.destroyed || stream.writableLength === 0) done();
    else {
      stream.once("error", () => done());
      stream.write("", () => done());
    }
  });
}
