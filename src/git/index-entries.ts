import { decodePath } from "../oci/path-bytes.ts";
import { gitOrFail, splitNul } from "./process.ts";

/** A file, a link or a submodule as git's index has it. */
export interface IndexEntry {
  /** Relative to the folder that was asked; bytes that are not UTF-8 as in `oci/path-bytes.ts`. */
  readonly path: string;
  readonly kind: "file" | "executable" | "symlink" | "submodule";
  /** Hash of the blob; of the commit for a submodule. */
  readonly hash: string;
  /** Why git does not look whether the file in the working tree differs; undefined where it does. */
  readonly unwatched?: "assume-unchanged" | "skip-worktree";
}

/** Everything that the index has at or below these paths of a folder, by one process; also what a sparse checkout leaves out. */
export async function listIndex(folder: string, paths: readonly string[]): Promise<readonly IndexEntry[]> {
  const listed = await gitOrFail(folder, ["--literal-pathspecs", "ls-files", "-s", "-v", "-z", "--", ...paths]);
  return splitNul(listed).map(readEntry);
}

/** `H 100644 HASH 0 TAB PATH`; a small letter means assume-unchanged, `S` skip-worktree (git-ls-files(1), `-t` and `-v`). */
function readEntry(entry: Buffer): IndexEntry {
  const tab = entry.indexOf("\t");
  const [letter = "H", mode = "", hash = ""] = entry.subarray(0, tab).toString("latin1").split(" ");
  const unwatched = /s/i.test(letter)
    ? "skip-worktree"
    : letter === letter.toLowerCase()
      ? "assume-unchanged"
      : undefined;
  const path = decodePath(entry.subarray(tab + 1));
  return { path, kind: kinds.get(mode) ?? "file", hash, ...(unwatched && { unwatched }) };
}

const kinds: ReadonlyMap<string, IndexEntry["kind"]> = new Map([
  ["100755", "executable"],
  ["120000", "symlink"],
  ["160000", "submodule"],
]);
