import { createReadStream, type Dirent, lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from "node:fs";
import { join } from "node:path";
import { setImmediate } from "node:timers/promises";
import type { ContextFile, Contexts } from "../compose/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { createHasher, type Digest, sha256Digest } from "../oci/digest.ts";
import { comparePaths, decodePath, encodePath, printablePath } from "../oci/path-bytes.ts";

interface ReadContextsOptions {
  /** Paths below the root that are left out, those of folders with `/` at the end. */
  readonly untracked: readonly string[];
  readonly signal?: AbortSignal;
}

/**
 * Reads the files of these directories (relative to the root) as builds will send them. Links are kept as links and never
 * followed. Throws `RefusedError` with every file that cannot be part of an image.
 */
export async function readContexts(
  root: string,
  directories: readonly string[],
  { untracked, signal }: ReadContextsOptions,
): Promise<Contexts> {
  const reader: Reader = { root, left: new Set(untracked), problems: [], signal };
  const contexts: Record<string, readonly ContextFile[]> = {};
  for (const directory of directories) contexts[directory] = await readDirectory(reader, directory);
  if (reader.problems.length > 0) throw new RefusedError(reader.problems);
  return contexts;
}

interface Reader {
  readonly root: string;
  readonly left: ReadonlySet<string>;
  readonly problems: Diagnostic[];
  readonly signal: AbortSignal | undefined;
}

async function readDirectory(reader: Reader, directory: string): Promise<ContextFile[]> {
  const files: ContextFile[] = [];
  let sinceBreak = 0;
  for (const source of listFiles(reader, directory)) {
    const file = await readFile(reader, directory, source);
    if (file) files.push(file);
    // Reading is synchronous, which is ten times as fast for small files; a signal gets its turn now and then.
    sinceBreak += 1;
    if (sinceBreak % 256 === 0) await setImmediate();
    reader.signal?.throwIfAborted();
  }
  return files.sort((a, b) => comparePaths(a.path, b.path));
}

/** Paths relative to the root, of everything that is not a directory. */
function* listFiles(reader: Reader, directory: string): Generator<string> {
  if (isLeft(reader, directory)) return;
  for (const entry of entriesOf(reader, directory)) {
    const path = `${directory}/${decodePath(entry.name)}`;
    if (decodePath(entry.name) === ".git" || reader.left.has(path)) continue;
    if (entry.isDirectory()) {
      if (!reader.left.has(`${path}/`)) yield* listFiles(reader, path);
    } else {
      yield path;
    }
  }
}

/** A directory may lie in a folder that is left out as a whole. */
const isLeft = (reader: Reader, directory: string): boolean =>
  directory.split("/").some((_, index, names) => reader.left.has(`${names.slice(0, index + 1).join("/")}/`));

function entriesOf(reader: Reader, directory: string): Dirent<Buffer>[] {
  try {
    return readdirSync(bytesOf(reader.root, directory), { withFileTypes: true, encoding: "buffer" });
  } catch (cause) {
    reader.problems.push(cannotRead(directory, cause));
    return [];
  }
}

async function readFile(reader: Reader, directory: string, source: string): Promise<ContextFile | undefined> {
  const path = source.slice(directory.length + 1);
  try {
    const name = bytesOf(reader.root, source);
    const stats = lstatSync(name);
    if (stats.isSymbolicLink()) return linkFile(path, source, readlinkSync(name, { encoding: "buffer" }));
    if (stats.isFile()) return plainFile(path, source, stats, await digestOf(name, stats, reader.signal));
    reader.problems.push(specialFile(source, stats));
  } catch (cause) {
    reader.signal?.throwIfAborted();
    reader.problems.push(cannotRead(source, cause));
  }
  return undefined;
}

const linkFile = (path: string, source: string, target: Buffer): ContextFile => ({
  path,
  source,
  type: "symlink",
  mode: 0o644,
  size: 0,
  digest: sha256Digest(target),
  link: decodePath(target),
});

/** Of the permission bits git keeps one; the others depend on who made the clone. */
const plainFile = (path: string, source: string, stats: Stats, digest: Digest): ContextFile => ({
  path,
  source,
  type: "file",
  mode: stats.mode & 0o111 ? 0o755 : 0o644,
  size: stats.size,
  digest,
});

async function digestOf(name: Buffer, stats: Stats, signal: AbortSignal | undefined): Promise<Digest> {
  if (stats.size <= 4 * 1024 * 1024) return sha256Digest(readFileSync(name));
  const hasher = createHasher();
  const stream = createReadStream(name, { highWaterMark: 1024 * 1024, ...(signal ? { signal } : {}) });
  for await (const chunk of stream as AsyncIterable<Buffer>) hasher.update(chunk);
  return hasher.end().digest;
}

/** The path as the system wants it, for names that are not UTF-8. */
export const bytesOf = (root: string, path: string): Buffer => encodePath(join(root, path));

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
