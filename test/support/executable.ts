import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { threadId } from "node:worker_threads";
import { inject } from "vitest";

/** The executable as people run it, compiled from the sources as they are. */
export interface Executable {
  readonly main: string;
  run(args: readonly string[], options?: RunOptions): Promise<Ended>;
}

export interface RunOptions {
  readonly directory?: string;
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

export interface Ended {
  readonly pid: number | undefined;
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Compiled once in a run of tests. Call it in `beforeAll`: the first call takes some tenths of a second. */
export function compile(): Executable {
  const folder = join(inject("scratch"), "dist");
  if (!existsSync(folder)) compileTo(folder);
  const main = join(folder, "main.js");
  return { main, run: (args, options = {}) => runToEnd(main, args, options) };
}

/** Another thread may be at the same; whoever is first has made it. */
function compileTo(folder: string): void {
  const own = `${folder}-${process.pid}-${threadId}`;
  execFileSync(process.execPath, ["scripts/build.mjs", own], { cwd: join(import.meta.dirname, "../..") });
  try {
    renameSync(own, folder);
  } catch {
    rmSync(own, { recursive: true });
  }
}

async function runToEnd(main: string, args: readonly string[], { directory, environment }: RunOptions): Promise<Ended> {
  const warnings = `${mkdtempSync(join(tmpdir(), "image-builder-warnings-"))}/of-node`;
  const env = { ...process.env, NODE_OPTIONS: `--redirect-warnings=${warnings}`, ...environment };
  const child = spawn(process.execPath, [main, ...args], { cwd: directory, env });
  const ended = new Promise<number | null>((done) => child.on("close", done));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const said = existsSync(warnings) ? readFileSync(warnings, "utf8") : "";
  rmSync(dirname(warnings), { recursive: true });
  if (said !== "") throw new Error(`Node warned in image-builder ${args.join(" ")}: ${said}`);
  return { pid: child.pid, code, out, err };
}
