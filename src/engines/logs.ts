import { once } from "node:events";
import { constants } from "node:fs";
import { mkdir, open, realpath } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { logRedactor, type Redact } from "../diagnostics/redact.ts";
import { makeOwn } from "../disk/private.ts";
import { digestHex, sha256Digest } from "../oci/digest.ts";
import type { Environment } from "./processes.ts";

/** One log per image, in a folder of the run. */
export interface Logs {
  readonly folder: string;
  pathOf(id: string): string;
  /** Each line is told as it is written. The stream is closed when the file is. */
  open(id: string, said?: (line: string) => void): Promise<Writable>;
  /** What an engine says, as it may be shown: logs are written so. */
  readonly redact: Redact;
}

/** A run and the folder that is its own. */
interface Claimed {
  /** As it was wished for, with `-2` and so on behind it where a run of this clone is called so already. */
  readonly run: string;
  readonly folder: string;
}

/**
 * Makes the folder for the logs of a run: `$XDG_STATE_HOME/image-builder/logs/CLONE/RUN`, by default below `~/.local/state`. No two runs
 * of a clone get one name, and no two clones one folder, whatever they are called and however close together they begin.
 */
export async function claimLogFolder(environment: Environment, gitDir: string, wished: string): Promise<Claimed> {
  const state = environment["XDG_STATE_HOME"] || join(homedir(), ".local/state");
  const all = join(state, "image-builder/logs", await cloneName(gitDir));
  const owner = await makeOwn(all);
  if (owner !== undefined) throw foreign(all, owner);
  for (let nth = 1; ; nth += 1) {
    const run = nth === 1 ? wished : `${wished}-${nth}`;
    const folder = join(all, run);
    if (await isClaimed(folder)) return { run, folder };
  }
}

/** Readable, and of this very clone. */
async function cloneName(gitDir: string): Promise<string> {
  const path = await realpath(gitDir);
  return `${basename(dirname(path)).replace(/[^\w.-]/g, "_")}-${digestHex(sha256Digest(path)).slice(0, 8)}`;
}

async function isClaimed(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw cause;
  }
}

export function createLogs(folder: string, redact: Redact = logRedactor([])): Logs {
  const pathOf = (id: string): string => join(folder, `${id.replace(/[^\w./-]/g, "_").replaceAll("..", "_")}.log`);
  return {
    folder,
    pathOf,
    redact,
    async open(id, said) {
      const path = pathOf(id);
      const owner = await makeOwn(dirname(path));
      if (owner !== undefined) throw foreign(folder, owner);
      const file = await openLog(path);
      return writeLines(file, redact, said);
    },
  };
}

/** A full disk must not end a build that could go on without its log; a link that somebody put in the way is not followed. */
async function openLog(path: string): Promise<Writable> {
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
  const handle = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600).catch(() => undefined);
  const file = handle?.createWriteStream() ?? new Writable({ write: (_chunk, _encoding, done) => done() });
  return file.on("error", () => undefined);
}

const foreign = (folder: string, uid: number): RefusedError =>
  new RefusedError([
    error("foreign-folder", `${folder} is for logs of this user, and user ${uid} owns it`, {
      help: "set XDG_STATE_HOME to a folder of your own",
    }),
  ]);

/** Whole lines, since what must not be shown may come in two pieces. */
function writeLines(file: Writable, redact: Redact, said?: (line: string) => void): Writable {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const write = (text: string, done: () => void): void => {
    const shown = redact(text);
    if (said) for (const line of shown.split("\n").slice(0, -1)) said(line);
    file.write(shown, () => done());
  };
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      rest += decoder.write(chunk);
      const end = rest.length > longestLine ? rest.length : rest.lastIndexOf("\n") + 1;
      const lines = rest.slice(0, end);
      rest = rest.slice(end);
      if (lines === "") done();
      else write(lines, done);
    },
    final(done) {
      const last = rest + decoder.end();
      const close = (): void => {
        file.end();
        if (file.errored) done();
        else
          void once(file, "close").then(
            () => done(),
            () => done(),
          );
      };
      if (last === "") close();
      else write(last, close);
    },
  });
}

/** Characters after which a line is written as far as it came. */
const longestLine = 64 * 1024;
