import { constants } from "node:fs";
import { lstat, open, readdir, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { ownerFile, parseOwner, stateOf } from "./owner.ts";

/**
 * Removes what killed processes of this user left in a folder: real directories of this user alone, of which it is proven that
 * nobody works in them any more. Links are not followed and nothing of another user is touched. Never fails: what cannot be
 * cleared stays.
 */
export async function clearLeftovers(parent: string, prefix: string): Promise<void> {
  const names = await readdir(parent).catch(() => []);
  const ours = names.filter((name) => name.startsWith(prefix));
  for (const name of ours) await clear(join(parent, name)).catch(() => undefined);
}

async function clear(folder: string): Promise<void> {
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== process.getuid?.() || (found.mode & 0o077) !== 0) return;
  const age = Date.now() - found.mtimeMs;
  const owner = await readOwner(join(folder, ownerFile));
  if (owner === undefined) {
    // Killed before it could say whose it was; a folder with anything else in it is not ours to judge.
    if (age > hour) await rmdir(folder);
    return;
  }
  const state = await stateOf(owner);
  if (state === "gone" || (state === "unknown" && age > week)) await removeOwned(folder);
}

/** The files first: when this is broken off, what is left still says whose it is, and a later run goes on. */
export async function removeOwned(folder: string): Promise<void> {
  await rm(join(folder, filesFolder), { recursive: true, force: true });
  await rm(folder, { recursive: true, force: true });
}

/** Where the files of a temporary folder are, beside its owner. */
export const filesFolder = "files";

/** Milliseconds. */
const hour = 60 * 60 * 1000;
const week = 7 * 24 * hour;

async function readOwner(file: string) {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096), 0, 4096, 0);
    return parseOwner(buffer.toString("utf8", 0, bytesRead));
  } finally {
    await handle.close();
  }
}
