import { createHasher, type Digest } from "../oci/digest.ts";
import { decodePath } from "../oci/path-bytes.ts";
import { eachBlob } from "./batch.ts";
import { git, gitOrFail, splitNul } from "./process.ts";

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
