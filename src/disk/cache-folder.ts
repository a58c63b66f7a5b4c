import { readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import { foreignOwner, makeOwn, replaceFile } from "./private.ts";

/** Files that can be made again. A cache never fails: what it cannot do it leaves undone. */
interface CacheFolder {
  /** What `parse` makes of a file; undefined where there is none, or where it throws. */
  read<T>(name: string, parse: (bytes: Buffer) => Promise<T>): Promise<T | undefined>;
  /** Two runs at once leave one whole file. */
  write(name: string, bytes: Buffer): Promise<void>;
}

/** `room`: bytes that all its files together may have. In somebody else's folder nothing is read, written or removed. */
export function openCacheFolder(folder: string, room: number): CacheFolder {
  let pruned: Promise<void> | undefined;
  return {
    async read(name, parse) {
      if ((await foreignOwner(folder)) !== undefined) return undefined;
      return await readCached(join(folder, name), parse).catch(() => undefined);
    },
    async write(name, bytes) {
      if (!(await isOwn(folder))) return;
      pruned ??= prune(folder, room).catch(() => undefined);
      await pruned;
      await replaceFile(join(folder, name), bytes, 0o600).catch(() => undefined);
    },
  };
}

/** Makes it where it is missing. */
const isOwn = (folder: string): Promise<boolean> =>
  makeOwn(folder).then(
    (owner) => owner === undefined,
    () => false,
  );

/** Makes room by removing what has not been used for longest; once per run is often enough. */
async function prune(folder: string, room: number): Promise<void> {
  const names = await readdir(folder);
  const files = await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name));
      return { name, size, mtimeMs };
    }),
  );
  let total = files.reduce((sum, { size }) => sum + size, 0);
  for (const { name, size } of files.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= room) return;
    await rm(join(folder, name), { force: true });
    total -= size;
  }
}

async function readCached<T>(file: string, parse: (bytes: Buffer) => Promise<T>): Promise<T> {
  const read = await parse(await readFile(file));
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
  return read;
}
