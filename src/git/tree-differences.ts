import { decodePath } from "../oci/path-bytes.ts";
import { type Difference, difference } from "./differences.ts";
import { gitOrFail, splitNul } from "./process.ts";

/** Two objects of git that are directories. */
export interface TreePair {
  readonly from: string;
  readonly to: string;
}

/** What differs between the directories of each pair, by one process for all; paths are below the directory. */
export async function treeDifferences(root: string, pairs: readonly TreePair[]): Promise<readonly Difference[][]> {
  if (pairs.length === 0) return [];
  const form = ["-r", "-z", "--raw", "--no-renames", "--no-abbrev", "--no-ext-diff", "--ignore-submodules=none"];
  const lines = pairs.map(({ from, to }) => `${from} ${to}\n`).join("");
  return readPairs(splitNul(await gitOrFail(root, ["diff-tree", "--stdin", ...form], lines)), pairs.length);
}

/** Before the entries of each pair stands a line with its two hashes; pairs without a difference have that line alone. */
function readPairs(pieces: readonly Buffer[], count: number): Difference[][] {
  const found: Difference[][] = [];
  for (let at = 0; at < pieces.length; at += 2) {
    const [lines, entry] = splitHead(pieces[at]?.toString("latin1") ?? "");
    for (let line = 0; line < lines; line += 1) found.push([]);
    const path = pieces[at + 1];
    if (entry !== "" && path) found.at(-1)?.push(difference(entry, decodePath(path)));
  }
  return Array.from({ length: count }, (_, at) => found[at] ?? []);
}

function splitHead(text: string): [lines: number, entry: string] {
  const entry = text.slice(text.lastIndexOf("\n") + 1);
  return [text.split("\n").length - 1, entry];
}
