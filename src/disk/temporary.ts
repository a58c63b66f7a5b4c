import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { clearLeftovers, filesFolder, removeOwned } from "./leftovers.ts";
import { ownerFile, thisProcess } from "./owner.ts";

/** A folder that nobody else can foretell, enter or have prepared. Files in it are made with the flag `wx` all the same. */
export interface TemporaryFolder {
  /** Absolute; empty at first. */
  readonly path: string;
  /** Throws nothing where it is gone already. */
  remove(): Promise<void>;
}

/**
 * Makes a temporary folder with mode 0700. It says whose it is, so that a later run of the same user clears it if this process is
 * killed. `parent` is the system's folder (`$TMPDIR`) by default.
 */
export async function makeTemporary(parent: string = tmpdir()): Promise<TemporaryFolder> {
  void clearOnce(parent);
  // mkdtemp(3) has mode 0700 and fails where the name is taken, by whatever.
  const folder = await mkdtemp(resolve(parent, temporaryPrefix));
  const path = join(folder, filesFolder);
  try {
    await writeFile(join(folder, ownerFile), JSON.stringify(await thisProcess()), { flag: "wx", mode: 0o600 });
    await mkdir(path, { mode: 0o700 });
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw cause;
  }
  return { path, remove: () => removeOwned(folder) };
}

/** Hands a temporary folder on and removes it again, whatever happens. */
export async function withTemporary<T>(use: (path: string) => Promise<T>): Promise<T> {
  const folder = await makeTemporary();
  try {
    return await use(folder.path);
  } finally {
    await folder.remove();
  }
}

export const temporaryPrefix = "image-builder-run-";

/** Once for each folder, and beside the work; resolves when what killed runs left there is cleared. Never fails. */
export function clearOnce(parent: string = tmpdir()): Promise<void> {
  const clearing = cleared.get(parent) ?? clearLeftovers(parent, temporaryPrefix);
  cleared.set(parent, clearing);
  return clearing;
}

const cleared = new Map<string, Promise<void>>();
