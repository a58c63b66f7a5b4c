import { spawn } from "node:child_process";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { redact } from "../diagnostics/redact.ts";
import { gitEnvironment, gitSettings } from "./environment.ts";

/** What a git process left behind. */
interface GitResult {
  readonly code: number;
  readonly stdout: Buffer;
  /** Without the users, passwords and queries of addresses in it. */
  readonly stderr: string;
}

/** Runs one git process in a folder, without a shell. Throws `RefusedError` when there is no git. */
export async function git(root: string, args: readonly string[], input?: string | Buffer): Promise<GitResult> {
  const out: Buffer[] = [];
  const ended = await gitStream(root, args, input, (chunk) => out.push(chunk));
  return { ...ended, stdout: Buffer.concat(out) };
}

/** As `git`, for answers that are not held in memory. */
export function gitStream(
  root: string,
  args: readonly string[],
  input: string | Buffer | undefined,
  take: (chunk: Buffer) => void,
): Promise<Omit<GitResult, "stdout">> {
  return new Promise((resolve, reject) => {
    const child = spawn("git", ["--no-pager", ...gitSettings, ...args], {
      cwd: root,
      env: gitEnvironment(process.env),
    });
    const err: Buffer[] = [];
    child.stdout.on("data", take);
    child.stderr.on("data", (chunk: Buffer) => err.push(chunk));
    child.on("error", (cause) => reject(noGit(cause)));
    child.on("close", (code) =>
      resolve({ code: code ?? 1, stderr: redact(Buffer.concat(err).toString("utf8").trim()) }),
    );
    child.stdin.on("error", () => undefined);
    child.stdin.end(input ?? "");
  });
}

/** As `git`, where anything but success is a failure. */
export async function gitOrFail(root: string, args: readonly string[], input?: string | Buffer): Promise<Buffer> {
  const started = Date.now();
  const { code, stdout, stderr } = await git(root, args, input);
  if (code === 0) return stdout;
  const notes = [
    { message: `git ${redact(args.join(" "))} ended with exit code ${code} after ${Date.now() - started} ms` },
    { message: stderr.slice(0, 2000) },
  ];
  throw new FailedError([error("git-failed", "git could not answer", { notes })]);
}

const noGit = (cause: Error): Error =>
  (cause as NodeJS.ErrnoException).code === "ENOENT"
    ? new RefusedError([
        error("no-git", "git was not found, and without it no change can be known", {
          help: "install git, or put it on the PATH",
        }),
      ])
    : cause;

/** The pieces between NUL bytes; the empty one behind the last is dropped. */
export function splitNul(bytes: Buffer): Buffer[] {
  const pieces: Buffer[] = [];
  let start = 0;
  for (let at = bytes.indexOf(0); at !== -1; at = bytes.indexOf(0, start)) {
    pieces.push(bytes.subarray(start, at));
    start = at + 1;
  }
  return start < bytes.length ? [...pieces, bytes.subarray(start)] : pieces;
}
