import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createHasher, type Digest } from "../oci/digest.ts";
import { eachBlob } from "./batch.ts";

/** What a blob holds. */
export interface BlobContent {
  readonly digest: Digest;
  /** Bytes. */
  readonly size: number;
  /** Its first 4096 bytes at most, which is all of a link or of a pointer to something else. */
  readonly start: Buffer;
}

/**
 * Reads blobs by their hash, by one process; into a folder, as files that are called by their hashes, where one is given. Throws
 * `FailedError` when one cannot be read.
 */
export async function extractBlobs(
  root: string,
  hashes: readonly string[],
  folder: string | undefined,
): Promise<ReadonlyMap<string, BlobContent>> {
  const found = new Map<string, BlobContent>();
  await eachBlob(root, hashes, (hash) => {
    const hasher = createHasher();
    const file = folder === undefined ? undefined : openNew(join(folder, hash));
    let start = Buffer.alloc(0);
    return {
      take(part) {
        hasher.update(part);
        if (start.length < 4096) start = Buffer.concat([start, part.subarray(0, 4096 - start.length)]);
        if (file !== undefined) writeSync(file, part);
      },
      end() {
        if (file !== undefined) closeSync(file);
        found.set(hash, { ...hasher.end(), start });
      },
    };
  });
  return found;
}

/** An earlier reading of the same blob may have left one. */
function openNew(path: string): number {
  rmSync(path, { force: true });
  return openSync(path, "wx", 0o600);
}
