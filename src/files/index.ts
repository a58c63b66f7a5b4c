import type { Digest } from "../oci/digest.ts";
import { type Accounts, type FileEntry } from "./entry.ts";
import { decodeRecord, encodeKey } from "./record.ts";

/**
 * What the semantics of a Dockerfile need to know of a base image's files. Kept as sorted lines in one buffer, because
 * half a million objects would take ten times the memory.
 */
export class FileIndex {
  /** Digests of the uncompressed layers, lowest first. */
  readonly layers: readonly Digest[];
  readonly accounts: Accounts;
  /** The lines, each ended by a newline. */
  readonly lines: Buffer;
  /** Offset of each line. */
  readonly starts: Uint32Array;

  /** `lines` must be sorted and as `encodeRecord` writes them. */
  constructor(layers: readonly Digest[], accounts: Accounts, lines: Buffer, starts: Uint32Array = lineStarts(lines)) {
    this.layers = layers;
    this.accounts = accounts;
    this.lines = lines;
    this.starts = starts;
  }

  get size(): number {
    return this.starts.length;
  }

  /** The entry itself; symbolic links are not followed. The root is always there. */
  get(path: string): FileEntry | undefined {
    const at = this.lineFor(Buffer.from(`${encodeKey(path)}\t`, "latin1"));
    const entry = at < this.size ? this.#entry(at) : undefined;
    if (entry?.path === path) return entry;
    return path === "" ? rootEntry : undefined;
  }

  /** Whether neither the path nor anything below it is there. */
  isAbsent(path: string): boolean {
    return this.get(path) === undefined && this.under(path).next().done === true;
  }

  /** What is directly in a folder, sorted by name. What is in the folders there is passed over. */
  *children(folder: string): Generator<FileEntry> {
    const { first, end } = this.linesBelow(folder);
    for (let at = first; at < end; ) {
      const entry = this.#entry(at);
      yield entry;
      at = Math.max(at + 1, entry.type === "directory" ? this.linesBelow(entry.path).end : 0);
    }
  }

  /** Everything below a folder, each folder before what is in it. */
  *under(folder: string): Generator<FileEntry> {
    const { first, end } = this.linesBelow(folder);
    for (let at = first; at < end; at += 1) yield this.#entry(at);
  }

  /** The line of a path, by number; none where `first` is `end`. */
  linesOf(path: string): Lines {
    const key = Buffer.from(`${encodeKey(path)}\t`, "latin1");
    const first = this.lineFor(key);
    const from = this.startOf(first);
    const isThere = this.lines.compare(key, 0, key.length, from, Math.min(from + key.length, this.lines.length)) === 0;
    return { first, end: isThere ? first + 1 : first };
  }

  /** The lines of everything below a folder: a space follows its key in them, and `!` is the byte behind the space. */
  linesBelow(folder: string): Lines {
    const key = encodeKey(folder);
    const [before, behind] = folder === "" ? ["\n", undefined] : [`${key} `, `${key}!`];
    const first = this.lineFor(Buffer.from(before, "latin1"));
    return { first, end: behind === undefined ? this.size : this.lineFor(Buffer.from(behind, "latin1")) };
  }

  /** Number of the first line that is not before the key. */
  lineFor(key: Buffer): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = this.startOf(middle);
      const end = Math.min(start + key.length, this.lines.length);
      if (this.lines.compare(key, 0, key.length, start, end) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The entry whose line has the byte at an offset of `lines`. */
  entryAround(offset: number): FileEntry {
    let [low, high] = [0, this.size];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (this.startOf(middle) <= offset) low = middle;
      else high = middle;
    }
    return this.#entry(low);
  }

  /** Offset of a line in `lines`. */
  startOf(line: number): number {
    return line < this.size ? (this.starts[line] ?? 0) : this.lines.length;
  }

  #entry(at: number): FileEntry {
    return decodeRecord(this.lines.toString("latin1", this.startOf(at), this.startOf(at + 1) - 1));
  }
}

/** Lines from a number to another, which is not among them. */
export interface Lines {
  readonly first: number;
  readonly end: number;
}

const rootEntry: FileEntry = {
  path: "",
  type: "directory",
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0,
  layer: 0,
};

/** The index of `scratch`. */
export const emptyIndex = (): FileIndex => new FileIndex([], {}, Buffer.alloc(0));

function lineStarts(lines: Buffer): Uint32Array {
  const starts = new Uint32Array(countLines(lines));
  let start = 0;
  for (let line = 0; line < starts.length; line += 1) {
    starts[line] = start;
    start = lines.indexOf(10, start) + 1;
  }
  return starts;
}

function countLines(lines: Buffer): number {
  let count = 0;
  for (let at = lines.indexOf(10); at !== -1; at = lines.indexOf(10, at + 1)) count += 1;
  return count;
}
