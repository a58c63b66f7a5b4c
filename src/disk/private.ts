import { randomUUID } from "node:crypto";
import { chmod, lstat, mkdir, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** The one component of a path that is this program's own, below what belongs to the user or to git. */
const ownFolder = "image-builder";

/**
 * Makes a folder below a folder `image-builder`, which nobody else may enter: journals, logs and caches name private registries.
 * One of an earlier version, which others may enter, is closed to them.
 */
export async function makePrivate(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const top = topOf(folder);
  const found = await lstat(top);
  if (found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o077) !== 0) await chmod(top, 0o700);
}

/**
 * As `makePrivate`, but only below what is this user's own: somebody else may have put links there. Returns whose the folder is
 * when it is another's, in which nothing is made then, and undefined otherwise.
 */
export async function makeOwn(folder: string): Promise<number | undefined> {
  await mkdir(topOf(folder), { recursive: true, mode: 0o700 });
  const owner = await foreignOwner(folder);
  if (owner === undefined) await makePrivate(folder);
  return owner;
}

/** Whose folder this is, when it is somebody else's: what stands there may have been prepared. Undefined for one's own. */
export async function foreignOwner(folder: string): Promise<number | undefined> {
  const found = await lstat(topOf(folder)).catch(() => undefined);
  const own = process.getuid?.();
  return found === undefined || own === undefined || found.uid === own ? undefined : found.uid;
}

function topOf(folder: string): string {
  for (let at = folder; dirname(at) !== at; at = dirname(at)) if (basename(at) === ownFolder) return at;
  return folder;
}

/**
 * Replaces a file as a whole, by one beside it whose name nobody can foretell: a reader sees the old content or the new, and an
 * interruption leaves the old. With `mode` nobody but those it names may read it. On the disk when this returns.
 */
export async function replaceFile(path: string, content: string | Uint8Array, mode = 0o666): Promise<void> {
  const beside = join(dirname(path), `.${basename(path)}.${randomUUID()}`);
  try {
    const file = await open(beside, "wx", mode);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (cause) {
    await rm(beside, { force: true });
    throw cause;
  }
}
