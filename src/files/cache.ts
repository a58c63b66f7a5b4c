import { homedir } from "node:os";
import { join } from "node:path";
import { openCacheFolder } from "../disk/cache-folder.ts";
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
  const folder = openCacheFolder(join(directory, "files"), room);
  const nameOf = (layers: readonly Digest[]): string | undefined => {
    const chain = chainId(layers);
    return chain && `${digestHex(chain)}.gz`;
  };
  const underWay = new Map<string, Promise<FileIndex>>();
  return {
    together(layers, work) {
      const chain = chainId(layers) ?? "";
      const started = underWay.get(chain) ?? work().finally(() => underWay.delete(chain));
      underWay.set(chain, started);
      return started;
    },
    async get(layers) {
      const name = nameOf(layers);
      const index = name === undefined ? undefined : await folder.read(name, readIndex);
      return index && sameLayers(index.layers, layers) ? index : undefined;
    },
    async put(index) {
      const name = nameOf(index.layers);
      if (name === undefined) return;
      const bytes = await writeIndex(index);
      if (bytes.length <= limits.compressed) await folder.write(name, bytes);
    },
  };
}

/** Bytes that all kept indexes together may have. */
const room = 2 * 1024 * 1024 * 1024;

export const sameLayers = (a: readonly Digest[], b: readonly Digest[]): boolean =>
  a.length === b.length && a.every((digest, at) => digest === b[at]);
