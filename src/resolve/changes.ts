import type { FileEntry } from "../files/entry.ts";
import type { FileIndex } from "../files/index.ts";
import { decodeRecord } from "../files/record.ts";

/** A path that two images do not have in the same way. */
export interface Change {
  readonly path: string;
  readonly before?: FileEntry;
  readonly after?: FileEntry;
}

/**
 * Where two images differ in anything that their indexes say, in the order of the index: what is in a folder stands behind it. Lines
 * that are equal are passed over without being read.
 */
export function* changesBetween(before: FileIndex, after: FileIndex): Generator<Change> {
  let [a, b] = [0, 0];
  while (a < before.size || b < after.size) {
    const order = a >= before.size ? 1 : b >= after.size ? -1 : compareLines(before, a, after, b);
    if (order === "equal") {
      a += 1;
      b += 1;
      continue;
    }
    const old = order <= 0 ? entryAt(before, a) : undefined;
    const now = order >= 0 ? entryAt(after, b) : undefined;
    if (order <= 0) a += 1;
    if (order >= 0) b += 1;
    yield { path: (old ?? now)?.path ?? "", ...(old && { before: old }), ...(now && { after: now }) };
  }
}

/** Order of two paths, 0 for one path with two lines, `equal` for the same line. */
function compareLines(before: FileIndex, a: number, after: FileIndex, b: number): number | "equal" {
  const [from, to] = [before.startOf(a), before.startOf(a + 1)];
  const [start, end] = [after.startOf(b), after.startOf(b + 1)];
  if (before.lines.compare(after.lines, start, end, from, to) === 0) return "equal";
  const [tab, other] = [before.lines.indexOf(9, from), after.lines.indexOf(9, start)];
  return before.lines.compare(after.lines, start, other + 1, from, tab + 1);
}

const entryAt = (index: FileIndex, line: number): FileEntry =>
  decodeRecord(index.lines.toString("latin1", index.startOf(line), index.startOf(line + 1) - 1));
