import { createHash } from "node:crypto";
import { type BigIntStats, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A repository that was just committed: its folders, and its files with their bytes and modes. */
export interface Snapshot {
  readonly folders: readonly string[];
  readonly files: readonly { readonly path: string; readonly bytes: Buffer; readonly mode: number }[];
}

export function takeSnapshot(root: string): Snapshot {
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  const paths = (of: typeof entries): string[] =>
    of.map(({ parentPath, name }) => join(parentPath, name).slice(root.length + 1));
  const files = paths(entries.filter((each) => each.isFile())).map((path) => ({
    path,
    bytes: readFileSync(join(root, path)),
    mode: statSync(join(root, path)).mode & 0o777,
  }));
  return { folders: paths(entries.filter((each) => each.isDirectory())), files };
}

/** The same repository in another folder, with an index that knows the files there as well as one that git has just written. */
export function putBack({ folders, files }: Snapshot, root: string): void {
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  const index = files.find(({ path }) => path === ".git/index");
  for (const { path, bytes, mode } of files) if (path !== index?.path) writeFileSync(join(root, path), bytes, { mode });
  if (index) writeFileSync(join(root, index.path), withStats(index.bytes, root), { mode: index.mode });
}

/** https://git-scm.com/docs/index-format, version 2: the fields of each entry that come from `lstat`, and the checksum. */
function withStats(index: Buffer, root: string): Buffer {
  const bytes = Buffer.from(index);
  if (bytes.toString("latin1", 0, 4) !== "DIRC" || bytes.readUInt32BE(4) !== 2)
    throw new Error("an index of version 2 is expected");
  let at = 12;
  for (let left = bytes.readUInt32BE(8); left > 0; left -= 1) {
    const end = bytes.indexOf(0, at + 62);
    const path = bytes.toString("utf8", at + 62, end);
    statFields(lstatSync(join(root, path), { bigint: true })).forEach((field, word) =>
      bytes.writeUInt32BE(Number(field & 0xffffffffn), at + word * 4),
    );
    at += (end - at + 8) & ~7;
  }
  createHash("sha1")
    .update(bytes.subarray(0, -20))
    .digest()
    .copy(bytes, bytes.length - 20);
  return bytes;
}

const second = 1_000_000_000n;

/** Ten words; the seventh is the mode, which stays as git has it. */
function statFields({ ctimeNs, mtimeNs, dev, ino, mode, uid, gid, size }: BigIntStats): bigint[] {
  const executable = (mode & 0o111n) === 0n ? 0o100644n : 0o100755n;
  return [ctimeNs / second, ctimeNs % second, mtimeNs / second, mtimeNs % second, dev, ino, executable, uid, gid, size];
}
