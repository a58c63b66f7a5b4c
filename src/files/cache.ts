import { readdir, readFile, rm, stat, utimes } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { foreignOwner, makeOwn, replaceFile } from "../disk/private.ts";
import { type Digest, digestHex } from "../oci/digest.ts";
import { chainId } from "./chain.ts";
import { FileIndex } from "./index.ts";
import { limits } from "./limits.ts";
import { readIndex, writeIndex } from "./serialize.ts";

/** Indexes that were made before, by what the layers are. A cache never fails: what it cannot do it leaves undone. */
export interface IndexCache {
  get(layers: readonly Digest[]): Promise<FileIndex | undefined>;
  put(index: FileIndex): Promise<void>;
  /** Does the work for an image of these layers, or waits for whoever is doing it. */
  together(layers: readonly Digest[], work: () => Promise<FileIndex>): Promise<FileIndex>;
}

/** `$XDG_CACHE_HOME/image-builder`, or `~/.cache/image-builder`. */
export const cacheDirectory = (environment: Readonly<Record<string, string | undefined>>): string =>
  join(environment["XDG_CACHE_HOME"] || join(environment["HOME"] || homedir(), ".cache"), "image-builder");

/** One file per chain of layers, in the folder `files` of a cache directory. */
export function createIndexCache(directory: string): IndexCache {
  const folder = join(directory, "files");
  const fileOf = (layers: readonly Digest[]): string | undefined => {
    const chain = chainId(layers);
    return chain && join(folder, `${digestHex(chain)}.gz`);
  };
  let pruned: Promise<void> | undefined;
  const underWay = new Map<string, Promise<FileIndex>>();
  return {
    together(layers, work) {
      const chain = chainId(layers) ?? "";
      const started = underWay.get(chain) ?? work().finally(() => underWay.delete(chain));
      underWay.set(chain, started);
      return started;
    },
    async get(layers) {
      const file = fileOf(layers);
      if (file === undefined || (await foreignOwner(folder)) !== undefined) return undefined;
      return await readCached(file, layers).catch(() => undefined);
    },
    async put(index) {
      const file = fileOf(index.layers);
      if (file === undefined || !(await isOwn(folder))) return;
      pruned ??= prune(folder).catch(() => undefined);
      await pruned;
      await writeCached(file, index).catch(() => undefined);
    },
  };
}

/** Makes it where it is missing. In somebody else's, nothing is read, written or removed. */
const isOwn = (folder: string): Promise<boolean> =>
  makeOwn(folder).then(
    (owner) => owner === undefined,
    () => false,
  );

/** Bytes that all kept indexes together may have. */
const room = 2 * 1024 * 1024 * 1024;

/** Makes room by removing what has not been used for longest; once per run is often enough. */
async function prune(folder: string): Promise<void> {
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

async function readCached(file: string, layers: readonly Digest[]): Promise<FileIndex | undefined> {
  const index = await readIndex(await readFile(file));
  const now = new Date();
  await utimes(file, now, now).catch(() => undefined);
  return sameLayers(index.layers, layers) ? index : undefined;
}

/** Two runs at once leave one whole file. */
async function writeCached(file: string, index: FileIndex): Promise<void> {
  const bytes = await writeIndex(index);
  if (bytes.length > limits.compressed) return;
  await replaceFile(file, bytes, 0o600);
}

export const sameLayers = (a: readonly Digest[], b: readonly Digest[]): boolean =>
  a.length === b.length && a.every((digest, at) => digest === b[at]);
