import { open } from "node:fs/promises";
import type { TestFile } from "../../compose/model.ts";
import { encodeTarHeader, tarEnd, tarPadding } from "../../oci/tar-write.ts";
import { contentOf, fileTime } from "../staging.ts";

/**
 * Writes the files of a test as a tar for the root of a container: root's, so that other users read them and change nothing. It has no
 * entries of folders, which would change those that the image has. Of two files with one path the last one is there.
 */
export async function writeTestArchive(
  path: string,
  files: readonly TestFile[],
  root: string,
  signal: AbortSignal,
): Promise<void> {
  const out = await open(path, "wx", 0o600);
  try {
    for (const each of new Map(files.map((one) => [one.path, one])).values()) {
      signal.throwIfAborted();
      await out.writeFile(headerOf(each));
      if (each.file.type !== "file") continue;
      let size = 0;
      for await (const chunk of contentOf(root, each.file)) {
        size += chunk.length;
        await out.writeFile(chunk);
      }
      await out.writeFile(tarPadding(size));
    }
    await out.writeFile(tarEnd());
  } finally {
    await out.close();
  }
}

const headerOf = ({ path, file: { type, mode, size, link } }: TestFile): Buffer =>
  encodeTarHeader({
    type,
    path: path.replace(/^\/+/, ""),
    mode: type === "symlink" ? 0o777 : mode,
    uid: 0,
    gid: 0,
    size: type === "file" ? size : 0,
    mtime: fileTime,
    ...(link !== undefined && { linkname: link }),
  });
