import { spawn } from "node:child_process";
import { git, gitOrFail, splitNul } from "../changes/git.ts";
import { createHasher, type Digest } from "../oci/digest.ts";
import { decodePath } from "../oci/path-bytes.ts";

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

/** The sha256 of each blob's content and its size in bytes, by hash, without holding a blob in memory. */
export async function digestBlobs(
  root: string,
  hashes: readonly string[],
): Promise<ReadonlyMap<string, { digest: Digest; size: number }>> {
  const wanted = [...new Set(hashes)];
  if (wanted.length === 0) return new Map();
  const child = spawn("git", ["--no-pager", "cat-file", "--batch"], { cwd: root, stdio: ["pipe", "pipe", "ignore"] });
  child.on("error", () => undefined);
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${wanted.join("\n")}\n`);
  const reader = new BatchReader();
  for await (const chunk of child.stdout) reader.take(chunk as Buffer);
  return reader.found;
}

/** Reads `HASH blob SIZE`, a line end, the content, a line end; again and again. */
class BatchReader {
  readonly found = new Map<string, { digest: Digest; size: number }>();
  #head = Buffer.alloc(0);
  #current: { readonly hash: string; readonly hasher: ReturnType<typeof createHasher>; left: number } | undefined;

  take(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0; ) rest = this.#current ? this.#content(rest) : this.#heading(rest);
  }

  #heading(chunk: Buffer): Buffer {
    const end = chunk.indexOf("\n");
    this.#head = Buffer.concat([this.#head, end === -1 ? chunk : chunk.subarray(0, end)]);
    if (end === -1) return Buffer.alloc(0);
    const [hash = "", kind, size] = this.#head.toString("latin1").trim().split(" ");
    this.#head = Buffer.alloc(0);
    if (kind === "blob") this.#current = { hash, hasher: createHasher(), left: Number(size) };
    return this.#finish(chunk.subarray(end + 1));
  }

  #content(chunk: Buffer): Buffer {
    const current = this.#current;
    if (!current) return chunk;
    const own = chunk.subarray(0, current.left);
    current.hasher.update(own);
    current.left -= own.length;
    return this.#finish(chunk.subarray(own.length));
  }

  /** What follows a content is a line end, which the next heading drops. */
  #finish(rest: Buffer): Buffer {
    if (this.#current?.left !== 0) return rest;
    this.found.set(this.#current.hash, this.#current.hasher.end());
    this.#current = undefined;
    return rest.length > 0 && rest[0] === 10 ? rest.subarray(1) : rest;
  }
}
