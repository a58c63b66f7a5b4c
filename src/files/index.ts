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
  readonly #starts: Uint32Array;

  /** `lines` must be sorted and as `encodeRecord` writes them. */
  constructor(layers: readonly Digest[], accounts: Accounts, lines: Buffer) {
    this.layers = layers;
    this.accounts = accounts;
    this.lines = lines;
    this.#starts = lineStarts(lines);
  }

  get size(): number {
    return this.#starts.length;
  }

  /** The entry itself; symbolic links are not followed. The root is always there. */
  get(path: string): FileEntry | undefined {
    const at = this.#search(Buffer.from(`${encodeKey(path)}\t`, "latin1"));
    const entry = at < this.size ? this.#entry(at) : undefined;
    if (entry?.path === path) return entry;
    return path === "" ? rootEntry : undefined;
  }

  /** What is directly in a folder, sorted by name. */
  *children(folder: string): Generator<FileEntry> {
    const prefix = folder === "" ? "" : `${folder}/`;
    for (const entry of this.under(folder)) {
      if (!entry.path.includes("/", prefix.length)) yield entry;
    }
  }

  /** Everything below a folder, each folder before what is in it. */
  *under(folder: string): Generator<FileEntry> {
    const prefix = folder === "" ? "" : `${folder}/`;
    const first = folder === "" ? 0 : this.#search(Buffer.from(`${encodeKey(folder)} `, "latin1"));
    for (let at = first; at < this.size; at += 1) {
      const entry = this.#entry(at);
      if (!entry.path.startsWith(prefix)) return;
      if (entry.path !== "") yield entry;
    }
  }

  #entry(at: number): FileEntry {
    const start = this.#starts[at] ?? 0;
    return decodeRecord(this.lines.toString("latin1", start, this.lines.indexOf(10, start)));
  }

  /** Number of the first line that is not before the key. */
  #search(key: Buffer): number {
    let low = 0;
    let high = this.size;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const start = this.#starts[middle] ?? 0;
      const end = Math.min(start + key.length, this.lines.length);
      if (this.lines.compare(key, 0, key.length, start, end) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
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
