import { gitOrFail, splitNul } from "../changes/git.ts";
import type { ChangedFile } from "../changes/model.ts";
import { readBlobs } from "../changes/repository.ts";
import { decodePath } from "../oci/path-bytes.ts";

/** Two objects of git that are directories. */
export interface TreePair {
  readonly from: string;
  readonly to: string;
}

/** One file that differs; `before` is the hash of what it was, undefined for an added file. */
interface TreeDifference {
  /** Below the directory. */
  readonly path: string;
  readonly status: ChangedFile["status"];
  readonly before?: string;
}

/** What differs between the directories of each pair, by one process for all pairs and one for former texts. */
export async function changedFiles(
  root: string,
  pairs: readonly TreePair[],
  wantsText: (path: string) => boolean,
): Promise<readonly (readonly ChangedFile[])[]> {
  if (pairs.length === 0) return [];
  const form = ["-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff"];
  const lines = pairs.map(({ from, to }) => `${from} ${to}\n`).join("");
  const differences = readPairs(
    splitNul(await gitOrFail(root, ["diff-tree", "--stdin", ...form], lines)),
    pairs.length,
  );
  const wanted = differences.flat().flatMap(({ path, before }) => (before && wantsText(path) ? [before] : []));
  const texts = await readBlobs(root, wanted, largestText);
  return differences.map((each) => each.map((difference) => changedFile(difference, wantsText, texts)));
}

/** Bytes. */
const largestText = 4 * 1024 * 1024;

function changedFile(
  { path, status, before = "" }: TreeDifference,
  wantsText: (path: string) => boolean,
  texts: ReadonlyMap<string, Buffer>,
): ChangedFile {
  const text = wantsText(path) ? texts.get(before)?.toString("utf8") : undefined;
  return { path, status, uncommitted: false, ...(text !== undefined && { before: text }) };
}

/** Before the entries of each pair stands a line with its two hashes; pairs without a difference have that line alone. */
function readPairs(pieces: readonly Buffer[], count: number): TreeDifference[][] {
  const found: TreeDifference[][] = [];
  for (let at = 0; at < pieces.length; at += 2) {
    const [lines, entry] = splitHead(pieces[at]?.toString("latin1") ?? "");
    for (let line = 0; line < lines; line += 1) found.push([]);
    const path = pieces[at + 1];
    if (entry !== "" && path) found.at(-1)?.push(readEntry(entry, decodePath(path)));
  }
  return Array.from({ length: count }, (_, at) => found[at] ?? []);
}

function splitHead(text: string): [lines: number, entry: string] {
  const entry = text.slice(text.lastIndexOf("\n") + 1);
  return [text.split("\n").length - 1, entry];
}

/** `:100644 100755 {hash} {hash} M` */
function readEntry(entry: string, path: string): TreeDifference {
  const [, , before = "", , letter = "M"] = entry.split(" ");
  if (letter.startsWith("A")) return { path, status: "added" };
  return { path, before, status: letter.startsWith("D") ? "deleted" : "modified" };
}
