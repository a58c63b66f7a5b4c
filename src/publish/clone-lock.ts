import { randomUUID } from "node:crypto";
import { link, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { type FolderOwner, parseOwner, stateOf, thisProcess } from "../disk/owner.ts";
import { makePrivate } from "../disk/private.ts";

/** Ends the lock; throws nothing where it is gone already. */
type Unlock = () => Promise<void>;

/**
 * One clone has one run that moves tags (B38). A process that was killed holds nothing; one that cannot be seen from here, in
 * another container or on another machine, holds it as long as it gives signs of life. `folder`: where journals are kept.
 * Throws `RefusedError` when another run has it.
 */
export async function lockClone(folder: string): Promise<Unlock> {
  await makePrivate(folder);
  const path = join(dirname(folder), "publishing.lock");
  const own = JSON.stringify({ ...(await thisProcess()), nonce: randomUUID() });
  for (let tries = 0; tries < 5; tries += 1) {
    if (await take(path, own)) return holdOn(path, own);
    const holder = await readFile(path, "utf8").catch(() => undefined);
    if (holder === undefined) continue;
    const owner = parseOwner(holder);
    if (await isHeld(path, owner)) throw new RefusedError([taken(path, owner)]);
    await giveAway(path, holder);
  }
  throw new RefusedError([taken(path, undefined)]);
}

/** A file that is there with all its content or not at all; false where there is one. */
async function take(path: string, own: string): Promise<boolean> {
  const beside = `${path}.${randomUUID()}`;
  await writeFile(beside, own, { flag: "wx", mode: 0o600 });
  try {
    await link(beside, path);
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw cause;
  } finally {
    await rm(beside, { force: true });
  }
}

/** Milliseconds between two signs of life, and without one after which a holder that cannot be asked is taken for dead. */
const beat = 10_000;
const silence = 120_000;

async function isHeld(path: string, owner: FolderOwner | undefined): Promise<boolean> {
  const state = owner === undefined ? "unknown" : await stateOf(owner);
  if (state !== "unknown") return state === "alive";
  const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
  return Date.now() - mtimeMs < silence;
}

/** Two runs may find the same dead holder: only the one that moves away what it has read goes on. */
async function giveAway(path: string, holder: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  await rename(path, aside).catch(() => undefined);
  const moved = await readFile(aside, "utf8").catch(() => undefined);
  if (moved !== undefined && moved !== holder) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function holdOn(path: string, own: string): Unlock {
  const timer = setInterval(() => {
    const now = new Date();
    void utimes(path, now, now).catch(() => undefined);
  }, beat);
  timer.unref();
  return async () => {
    clearInterval(timer);
    const now = await readFile(path, "utf8").catch(() => undefined);
    if (now === own) await rm(path, { force: true });
  };
}

const taken = (path: string, owner: FolderOwner | undefined) =>
  error("clone-is-publishing", "another run of this clone is publishing", {
    notes: [
      {
        message:
          owner === undefined ? `${path} says so` : `it is process ${owner.pid} on ${owner.host}, as ${path} says`,
      },
    ],
    help: "wait for its end; a run that was killed does not stand in the way",
  });
