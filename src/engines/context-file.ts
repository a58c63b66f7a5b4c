import { createReadStream, lstatSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import type { ContextFile } from "../compose/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { blobHash, openBlobHash } from "../git/blob-hash.ts";
import type { IndexEntry } from "../git/index-entries.ts";
import { createHasher, type Digest, sha256Digest } from "../oci/digest.ts";
import { decodePath, printablePath } from "../oci/path-bytes.ts";
import { bytesOf } from "./context-path.ts";
import type { ContextSource } from "./context-sources.ts";

/** A file on disk: as a build sends it, or with bytes that are not those of the blob that git has of it. */
interface FileOnDisk {
  readonly file?: ContextFile;
  /** Of a plain file's content. */
  readonly digest?: Digest;
  /** What it begins with, for small files. */
  readonly start?: Buffer;
  readonly problem?: Diagnostic;
}

/** `path`: inside the context. A file that is missing has no `file`, and no problem where git has it. */
export async function readOnDisk(
  root: string,
  path: string,
  { path: source, entry }: ContextSource,
  signal: AbortSignal | undefined,
): Promise<FileOnDisk> {
  try {
    const name = bytesOf(root, source);
    const stats = lstatSync(name);
    if (stats.isSymbolicLink()) return readLink(path, source, entry, readlinkSync(name, { encoding: "buffer" }));
    if (!stats.isFile()) return entry ? {} : { problem: specialFile(source, stats) };
    return await readPlain(name, stats, path, source, entry, signal);
  } catch (cause) {
    signal?.throwIfAborted();
    return entry && isMissing(cause) ? {} : { problem: cannotRead(source, cause) };
  }
}

function readLink(path: string, source: string, entry: IndexEntry | undefined, target: Buffer): FileOnDisk {
  const isSame = entry === undefined || (entry.kind === "symlink" && blobHash(target, entry.hash) === entry.hash);
  return isSame ? { file: linkFile(path, source, target) } : {};
}

export const linkFile = (path: string, source: string, target: Buffer): ContextFile => ({
  path,
  source,
  type: "symlink",
  mode: 0o644,
  size: 0,
  digest: sha256Digest(target),
  link: decodePath(target),
});

/** Bytes. Whole files are read up to here, and looked at; a link that is checked out as a file is below it too. */
const small = 4 * 1024 * 1024;

async function readPlain(
  name: Buffer,
  { size, mode }: Stats,
  path: string,
  source: string,
  entry: IndexEntry | undefined,
  signal: AbortSignal | undefined,
): Promise<FileOnDisk> {
  const content = size <= small ? readFileSync(name) : undefined;
  const { digest, hash } = content ? hashesOf(content, entry?.hash) : await hashStream(name, size, entry?.hash, signal);
  const read = { digest, ...(content && { start: content.subarray(0, 4096) }) };
  if (entry === undefined)
    return { ...read, file: plainFile(path, source, mode & 0o111 ? 0o755 : 0o644, size, digest) };
  if (hash !== entry.hash) return read;
  if (entry.kind === "symlink") return content ? { file: linkFile(path, source, content) } : {};
  return { ...read, file: plainFile(path, source, modeOf(entry), size, digest) };
}

const hashesOf = (content: Buffer, like: string | undefined) => ({
  digest: sha256Digest(content),
  hash: like && blobHash(content, like),
});

async function hashStream(name: Buffer, size: number, like: string | undefined, signal: AbortSignal | undefined) {
  const hasher = createHasher();
  const blob = like === undefined ? undefined : openBlobHash(size, like);
  const stream = createReadStream(name, { highWaterMark: 1024 * 1024, ...(signal ? { signal } : {}) });
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hasher.update(chunk);
    blob?.update(chunk);
  }
  return { digest: hasher.end().digest, hash: blob?.digest("hex") };
}

/** Of the permission bits git keeps one; the others depend on who made the clone. */
export const modeOf = ({ kind }: IndexEntry): ContextFile["mode"] => (kind === "executable" ? 0o755 : 0o644);

export const plainFile = (
  path: string,
  source: string,
  mode: ContextFile["mode"],
  size: number,
  digest: Digest,
): ContextFile => ({ path, source, type: "file", mode, size, digest });

const isMissing = (cause: unknown): boolean => /^(ENOENT|ENOTDIR)$/.test((cause as NodeJS.ErrnoException).code ?? "");

function specialFile(path: string, stats: Stats): Diagnostic {
  const what = stats.isSocket() ? "a socket" : stats.isFIFO() ? "a named pipe" : "a device";
  return error("special-file", `${printablePath(path)} is ${what}, which cannot be part of an image`, {
    help: `remove ${printablePath(path)}`,
  });
}

const cannotRead = (path: string, cause: unknown): Diagnostic =>
  error("unreadable-file", `${printablePath(path)} cannot be read`, {
    notes: [{ message: cause instanceof Error ? cause.message : String(cause) }],
    help: "make it readable, or take it out of the folder",
  });
