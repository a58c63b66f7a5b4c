import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { ContextFile } from "../compose/model.ts";
import { encodeTarHeader, tarEnd, tarPadding } from "../oci/tar.ts";
import { contentOf, fileTime } from "./staging.ts";

/**
 * Writes files of a build context into a new tar archive as `withStage` lays them out. Throws `FailedError` when a file has changed since
 * its digest was taken.
 */
export async function writeArchive(
  archive: string,
  root: string,
  files: readonly ContextFile[],
  signal: AbortSignal,
): Promise<void> {
  await pipeline(blocksOf(root, files), createWriteStream(archive, { flags: "wx", mode: 0o600 }), { signal });
}

const common = { uid: 0, gid: 0, mtime: fileTime };

async function* blocksOf(root: string, files: readonly ContextFile[]): AsyncGenerator<Buffer> {
  const folders = new Set<string>();
  for (const file of files) {
    const { path, type, size, mode, link } = file;
    for (const folder of foldersAbove(type === "directory" ? `${path}/` : path)) {
      if (folders.has(folder)) continue;
      folders.add(folder);
      yield encodeTarHeader({ ...common, type: "directory", path: folder, mode: 0o755, size: 0 });
    }
    if (type === "symlink")
      yield encodeTarHeader({ ...common, type, path, mode: 0o777, size: 0, linkname: link ?? "" });
    if (type !== "file") continue;
    yield encodeTarHeader({ ...common, type, path, mode, size });
    yield* contentOf(root, file);
    yield tarPadding(size);
  }
  yield tarEnd();
}

const foldersAbove = (path: string): string[] => [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index));
