import { type ChildProcess, spawn } from "node:child_process";
import { open } from "node:fs/promises";
import type { Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { redact } from "../diagnostics/redact.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

interface ProcessOptions {
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** Gets the command line and everything the process says. */
  readonly log?: Writable;
  /** Told every line that the process says on either of its outputs, without its end. */
  readonly line?: (line: string) => void;
  /** Path of the file that is its input; nothing when undefined. */
  readonly input?: string;
}

export interface ProcessResult {
  /** 127 when the program was not found. */
  readonly code: number;
  /** What it wrote to stdout, at most the last 64 KiB. */
  readonly stdout: string;
  readonly stderr: string;
  /** Both as they came, at most the last 64 KiB. */
  readonly output: string;
  readonly seconds: number;
}

/**
 * Runs a program in a process group of its own, so that a signal reaches its children, too. When the signal is aborted the
 * group is asked to end, and after `patience` ended; then the signal's reason is thrown. A failure is no exception.
 */
export async function runProcess(command: readonly string[], options: ProcessOptions): Promise<ProcessResult> {
  options.signal.throwIfAborted();
  if (options.input === undefined) return follow(command, options, "ignore");
  const file = await open(options.input);
  try {
    return await follow(command, options, file.fd);
  } finally {
    await file.close();
  }
}

async function follow(
  command: readonly string[],
  { environment, signal, log, line }: ProcessOptions,
  input: "ignore" | number,
): Promise<ProcessResult> {
  log?.write(`$ ${printableCommand(command)}\n`);
  const started = performance.now();
  const child = spawn(command[0] ?? "", command.slice(1), {
    env: { ...environment },
    detached: true,
    stdio: [input, "pipe", "pipe"],
  }) as ChildProcess & Record<"stdout" | "stderr", Readable>;
  const stdout = collect([child.stdout]);
  const stderr = collect([child.stderr]);
  const output = collect([child.stdout, child.stderr], log);
  if (line) for (const stream of [child.stdout, child.stderr]) tellLines(stream, line);
  const code = await ended(child, signal);
  signal.throwIfAborted();
  return { code, stdout: stdout(), stderr: stderr(), output: output(), seconds: (performance.now() - started) / 1000 };
}

/** For a log or a message: quoted where a shell would need it, without passwords, tokens, and the secret parts of addresses. */
export const printableCommand = (command: readonly string[]): string =>
  command
    .map(redact)
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`))
    .join(" ");

/** The end of what a program said, for a message. */
export const lastLines = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => line.trimEnd())
    .filter((line) => line !== "")
    .slice(-12);

const kept = 64 * 1024;
const patience = 5_000;

function collect(streams: readonly NodeJS.ReadableStream[], log?: Writable): () => string {
  let text = "";
  for (const stream of streams) {
    const decoder = new StringDecoder("utf8");
    stream.on("data", (chunk: Buffer) => {
      text = `${text}${decoder.write(chunk)}`.slice(-kept);
      log?.write(chunk);
    });
  }
  return () => text;
}

function tellLines(stream: NodeJS.ReadableStream, tell: (line: string) => void): void {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = `${rest}${decoder.write(chunk)}`.split("\n");
    // A line without end, such as a progress bar, is of interest for how it begins.
    rest = (lines.pop() ?? "").slice(0, kept);
    for (const line of lines) tell(line.replace(/\r$/, ""));
  });
  stream.on("end", () => tell(rest));
}

async function ended(child: ChildProcess, signal: AbortSignal): Promise<number> {
  const stop = () => stopGroup(child);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await new Promise<number>((resolve, reject) => {
      child.once("error", (cause: NodeJS.ErrnoException) => (cause.code === "ENOENT" ? resolve(127) : reject(cause)));
      child.once("close", (code) => resolve(code ?? 1));
    });
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function stopGroup(child: ChildProcess): void {
  killGroup(child, "SIGTERM");
  const timer = setTimeout(() => killGroup(child, "SIGKILL"), patience);
  child.once("close", () => clearTimeout(timer));
}

function killGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // It has ended in the meantime.
  }
}
