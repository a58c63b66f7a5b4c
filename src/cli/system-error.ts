import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";

/** What Node.js throws when the operating system says no: a full disk, a folder that may not be read. */
export const isSystemError = (cause: unknown): cause is NodeJS.ErrnoException =>
  cause instanceof Error && "syscall" in cause && "code" in cause;

export function systemProblem(cause: NodeJS.ErrnoException): Diagnostic {
  const what = cause.path ?? cause.syscall ?? "something";
  return error("system", `the operating system refused ${what}: ${words(cause)}`, {
    notes: [{ message: cause.message }],
    help: help[cause.code ?? ""] ?? "mend what the note says, and run the same command again",
  });
}

/** `ENOTDIR: not a directory, scandir '/x'` without its frame. */
const words = ({ message, code }: NodeJS.ErrnoException): string =>
  /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? code ?? message;

const help: Readonly<Record<string, string>> = {
  ENOSPC: "make room on the disk, and run the same command again",
  EACCES: "run it as a user who may read and write there",
  EPERM: "run it as a user who may read and write there",
  EMFILE: "raise the limit of open files (ulimit -n), or lower --jobs",
};
