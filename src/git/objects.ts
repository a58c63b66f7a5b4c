import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { createHasher, type Digest } from "../oci/digest.ts";
import { decodePath } from "../oci/path-bytes.ts";
import { git, gitOrFail, gitStream, splitNul } from "./process.ts";

/** A file in a commit. */
export interface TreeFile {
  /** Relative to the catalogue's root; bytes that are not UTF-8 as in `oci/path-bytes.ts`. */
  readonly path: string;
  readonly type: "file" | "symlink";
  readonly mode: 0o644 | 0o755;
  /** Hash of the blob. */
  readonly blob: string;
}

/** Full hash and number of commits it reaches; undefined when this clone has no such commit, or several. */
export async function findCommit(
  root: string,
  abbreviated: string,
): Promise<{ commit: string; count: number } | undefined> {
  const named = await git(root, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${abbreviated}^{commit}`]);
  const commit = named.stdout.toString("utf8").trim();
  if (named.code !== 0 || !/^[0-9a-f]{40,64}$/.test(commit)) return undefined;
  const counted = await gitOrFail(root, ["rev-list", "--count", commit, "--"]);
  return { commit, count: Number(counted.toString("utf8")) };
}

/** Everything below these paths of the root in a commit, without submodules. */
export async function listTree(root: string, commit: string, paths: readonly string[]): Promise<readonly TreeFile[]> {
  const listed = await gitOrFail(root, ["ls-tree", "-r", "-z", commit, "--", ...paths]);
  return splitNul(listed).flatMap(treeFile);
}

/** `100644 blob HASH TAB PATH` */
function treeFile(entry: Buffer): TreeFile[] {
  const tab = entry.indexOf("\t");
  const [mode, kind, blob = ""] = entry.subarray(0, tab).toString("latin1").split(" ");
  if (kind !== "blob") return [];
  const path = decodePath(entry.subarray(tab + 1));
  return [{ path, blob, type: mode === "120000" ? "symlink" : "file", mode: mode === "100755" ? 0o755 : 0o644 }];
}

/**
 * Contents of blobs by their hash, read by one process; those that are larger than the limit (bytes) are left out. Throws
 * `FailedError` when one cannot be read: what an object holds is then not known, which is not the same as empty or changed.
 */
export async function readBlobs(
  root: string,
  hashes: readonly string[],
  limit: number,
): Promise<ReadonlyMap<string, Buffer>> {
  const found = new Map<string, Buffer>();
  await eachBlob(root, hashes, (hash, size) => {
    const parts: Buffer[] = [];
    return {
      take: (part) => void (size <= limit && parts.push(part)),
      end: () => void (size <= limit && found.set(hash, Buffer.concat(parts))),
    };
  });
  return found;
}

/**
 * The sha256 of each blob's content and its size in bytes, by hash, without holding a blob in memory. Throws `FailedError` when
 * one cannot be read.
 */
export async function digestBlobs(
  root: string,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, { digest: Digest; size: number }>> {
  const found = new Map<string, { digest: Digest; size: number }>();
  await eachBlob(root, hashes, (hash) => {
    const hasher = createHasher();
    return { take: (part) => hasher.update(part), end: () => void found.set(hash, hasher.end()) };
  });
  return found;
}

/** Hashes of objects in the order of their names, by one process; undefined for what this clone does not have. */
export async function objectHashes(root: string, names: readonly string[]): Promise<(string | undefined)[]> {
  if (names.length === 0) return [];
  const asked = names.filter(isLine);
  const bytes = await gitOrFail(root, ["cat-file", "--batch-check=%(objectname)"], `${asked.join("\n")}\n`);
  const lines = bytes.toString("latin1").split("\n");
  const answers = new Map(asked.map((name, at) => [name, lines[at]]));
  return names.map((name) => objectHash(answers.get(name)));
}

/** A name with a line end in it would be two questions. */
const isLine = (name: string): boolean => !/[\r\n]/.test(name);

/** Anything else is `… missing` or `… ambiguous`. */
const objectHash = (line: string | undefined): string | undefined =>
  line !== undefined && /^[0-9a-f]{40,64}$/.test(line) ? line : undefined;

async function eachBlob(root: string, hashes: readonly string[], open: OpenBlob): Promise<void> {
  const wanted = [...new Set(hashes)];
  if (wanted.length === 0) return;
  const reader = new BatchReader(open);
  const { code, stderr } = await gitStream(root, ["cat-file", "--batch"], `${wanted.join("\n")}\n`, (chunk) =>
    reader.take(chunk),
  );
  const missing = wanted.filter((hash) => !reader.read.has(hash));
  if (missing.length > 0) throw unreadable(missing, stderr, code);
}

function unreadable(hashes: readonly string[], words: string, code: number): FailedError {
  const what = hashes.length === 1 ? `the object ${hashes[0]}` : `${hashes.length} objects, ${hashes[0]} among them`;
  return new FailedError([
    error("unreadable-object", `git cannot read ${what}, so what was committed there is not known`, {
      notes: [{ message: words === "" ? `git cat-file --batch ended with exit code ${code}` : words.slice(0, 2000) }],
      help: "git fsck says what is broken; a fresh clone has it whole",
    }),
  ]);
}

/** Called with hash and size in bytes of each blob, before its content comes in parts. */
type OpenBlob = (hash: string, size: number) => { take(part: Buffer): void; end(): void };

/** Reads `HASH blob SIZE`, a line end, the content, a line end; again and again. */
class BatchReader {
  /** Hashes of the blobs that came as a whole. */
  readonly read = new Set<string>();
  readonly #open: OpenBlob;
  #head = Buffer.alloc(0);
  #current: { readonly hash: string; readonly blob: ReturnType<OpenBlob>; left: number } | undefined;

  constructor(open: OpenBlob) {
    this.#open = open;
  }

  take(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0; ) rest = this.#current ? this.#content(rest) : this.#heading(rest);
  }

  #heading(chunk: Buffer): Buffer {
    const end = chunk.indexOf("\n");
    this.#head = Buffer.concat([this.#head, end === -1 ? chunk : chunk.subarray(0, end)]);
    if (end === -1) return Buffer.alloc(0);
    const [hash = "", kind, size] = this.#head.toString("latin1").trim().split(" ");
    this.#head = Buffer.alloc(0);
    if (kind === "blob") this.#current = { hash, blob: this.#open(hash, Number(size)), left: Number(size) };
    return this.#finish(chunk.subarray(end + 1));
  }

  #content(chunk: Buffer): Buffer {
    const current = this.#current;
    if (!current) return chunk;
    const own = chunk.subarray(0, current.left);
    current.blob.take(own);
    current.left -= own.length;
    return this.#finish(chunk.subarray(own.length));
  }

  /** What follows a content is a line end, which the next heading drops. */
  #finish(rest: Buffer): Buffer {
    if (this.#current?.left !== 0) return rest;
    this.#current.blob.end();
    this.read.add(this.#current.hash);
    this.#current = undefined;
    return rest.length > 0 && rest[0] === 10 ? rest.subarray(1) : rest;
  }
}
