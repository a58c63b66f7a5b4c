import { closeSync, constants, openSync, writeSync } from "node:fs";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { makePrivate } from "../disk/private.ts";
import type { Digest } from "../oci/digest.ts";

/** What happens in a run, in the order in which it does. Survives JSON. */
export type RunEvent =
  | {
      readonly event: "run-started";
      readonly run: string;
      readonly repo: string;
      readonly commit: string;
      readonly stamp: string;
    }
  | { readonly event: "planned"; readonly builds: readonly string[] }
  | { readonly event: "build-started"; readonly id: string }
  /** A line by which an engine announces an instruction. */
  | { readonly event: "step"; readonly id: string; readonly text: string }
  | {
      readonly event: "tested";
      readonly id: string;
      readonly name: string;
      readonly outcome: string;
      readonly seconds: number;
    }
  | { readonly event: "pushed"; readonly id: string; readonly reference: string; readonly digest: Digest }
  /** `seconds` of the build; `codes` of what went wrong. */
  | {
      readonly event: "build-ended";
      readonly id: string;
      readonly outcome: string;
      readonly seconds?: number;
      readonly digest?: Digest;
      readonly codes?: readonly string[];
    }
  | { readonly event: "tag-moved"; readonly reference: string; readonly from?: Digest; readonly to: Digest }
  /** A tag of a copy of the home repository. */
  | { readonly event: "copied"; readonly reference: string; readonly digest: Digest }
  /** Steps are left out from here on: the journal has become too long. */
  | { readonly event: "shortened" }
  /** `failed`: builds failed, or what went wrong ended the run. */
  | { readonly event: "run-ended"; readonly outcome: "done" | "failed" };

/** An event as it was written down. */
export type WrittenEvent = RunEvent & {
  /** RFC 3339. */
  readonly at: string;
};

/** Writes down what happens as it happens. */
export interface RunJournal {
  /** Never fails: a run does not end because its journal cannot be written. */
  write(event: RunEvent): void;
  close(): void;
}

/** Bytes after which steps are left out, and those that are kept for everything else. */
const mostSteps = 4 * 1024 * 1024;
const most = 16 * 1024 * 1024;

/** Journals that are kept of earlier runs. */
const keptRuns = 200;

const ending = ".events.jsonl";

/**
 * Opens the journal of a run below the clone's git directory: a line of JSON for each event, each written before the next thing is
 * done, so that it can be read while the run goes on and after it was killed.
 */
export async function openRunJournal(folder: string, run: string): Promise<RunJournal> {
  const file = await openFile(folder, run);
  if (file === undefined) return { write: () => undefined, close: () => undefined };
  await dropOld(folder).catch(() => undefined);
  let size = 0;
  let isShort = false;
  const put = (event: RunEvent): void => {
    const line = `${JSON.stringify({ at: new Date().toISOString(), ...event })}\n`;
    size += Buffer.byteLength(line);
    try {
      if (size <= most) writeSync(file, line);
    } catch {
      // A full disk is told by what cannot do without it.
    }
  };
  return {
    write(event) {
      if (event.event === "step" && size > mostSteps) {
        if (!isShort) put({ event: "shortened" });
        isShort = true;
      } else put(event);
    },
    close: () => closeSync(file),
  };
}

async function openFile(folder: string, run: string): Promise<number | undefined> {
  try {
    await makePrivate(folder);
    const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants;
    return openSync(join(folder, `${run}${ending}`), O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600);
  } catch {
    return undefined;
  }
}

async function dropOld(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(ending)).sort();
  for (const name of names.slice(0, Math.max(0, names.length - keptRuns)))
    await rm(join(folder, name), { force: true });
}

/** Names of the runs that have a journal, the oldest first. */
export async function runsOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length))
    .sort();
}

/** The events of a run, the earliest first. A last line that was cut off is left out. Undefined for a run without a journal. */
export async function readRunEvents(folder: string, run: string): Promise<readonly WrittenEvent[] | undefined> {
  const path = join(folder, `${run}${ending}`);
  const found = await stat(path).catch(() => undefined);
  if (found === undefined || found.size > 2 * most) return undefined;
  return (await readFile(path, "utf8")).split("\n").flatMap((line) => eventIn(line) ?? []);
}

function eventIn(line: string): WrittenEvent | undefined {
  try {
    return eventSchema.parse(JSON.parse(line)) as WrittenEvent;
  } catch {
    return undefined;
  }
}

const eventSchema = z.looseObject({ at: z.string(), event: z.string() });
