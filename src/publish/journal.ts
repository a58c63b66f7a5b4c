import { open, readdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { makePrivate, replaceFile } from "../disk/private.ts";
import { digestSchema } from "../oci/descriptor.ts";
import type { TagUnit } from "./units.ts";

/**
 * What a run does to stable tags, written before it does it. Which of the moves have happened is not written down: the tags
 * themselves say so, also after a crash between a move and a note of it.
 */
export interface Journal {
  readonly formatVersion: 1;
  /** Name of the run, and of its file. */
  readonly run: string;
  /** RFC 3339. */
  readonly started: string;
  readonly repo: string;
  readonly commit: string;
  readonly stamp: string;
  /** `moving`: under way, or broken off. `done`: every move was made. `restored`: every tag is as before. */
  readonly state: "moving" | "done" | "restored";
  readonly units: readonly TagUnit[];
}

/** Below the git directory, so that it belongs to the clone and is never committed. */
export const journalFolder = (gitDirectory: string): string => join(gitDirectory, "image-builder", "runs");

const journalPath = (folder: string, run: string): string => join(folder, `${run}.json`);

/** Replaces the file as a whole, and returns when it is on the disk. */
export async function writeJournal(folder: string, journal: Journal): Promise<void> {
  const path = journalPath(folder, journal.run);
  await makePrivate(folder);
  await replaceFile(path, `${JSON.stringify(journal, null, 2)}\n`, 0o600);
  await syncFolder(dirname(path));
}

/** All journals of a folder, the oldest first; none where there is no folder. Throws where it cannot be read: one may be unfinished. */
export async function readJournals(folder: string): Promise<Journal[]> {
  const names = (await namesIn(folder)).filter((name) => name.endsWith(".json"));
  const journals = await Promise.all(names.map((name) => readJournal(join(folder, name))));
  return journals.sort((a, b) => compare(a.started, b.started) || compare(a.run, b.run));
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw cause;
  }
}

async function readJournal(path: string): Promise<Journal> {
  const parsed = journalSchema.safeParse(parseJson(await readFile(path, "utf8")));
  if (parsed.success) return parsed.data;
  throw new FailedError([
    error("bad-journal", `${path} is not a journal of a run that published`, {
      help: "look at the stable tags it names, then remove the file",
    }),
  ]);
}

/** The new name of a file is on the disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const moveSchema = z
  .object({ reference: z.string(), from: digestSchema.optional(), to: digestSchema })
  .transform(({ reference, from, to }) => ({ reference, ...(from === undefined ? {} : { from }), to }));

const journalSchema = z.object({
  formatVersion: z.literal(1),
  run: z.string(),
  started: z.string(),
  repo: z.string(),
  commit: z.string(),
  stamp: z.string(),
  state: z.enum(["moving", "done", "restored"]),
  units: z.array(z.object({ image: z.string(), moves: z.array(moveSchema) })),
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
