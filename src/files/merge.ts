import type { Digest } from "../oci/digest.ts";
import { type Accounts, type FileEntry } from "./entry.ts";
import { badLayer } from "./errors.ts";
import { FileIndex, type Lines } from "./index.ts";
import { type Budget, limits } from "./limits.ts";
import type { LayerListing } from "./listing.ts";
import { Pauses } from "./pauses.ts";
import { placeEntries } from "./place.ts";
import { encodeRecord } from "./record.ts";
import { sortTexts } from "./sort.ts";

/** The index of an image that has one layer more than `base`. Throws `FailedError`, and what `signal` is aborted with. */
export async function addLayer(
  base: FileIndex,
  diffId: Digest,
  listing: LayerListing,
  budget: Budget,
  signal?: AbortSignal,
): Promise<FileIndex> {
  const pauses = new Pauses(signal);
  const added = await placeEntries(base, listing, budget, pauses);
  const hidden = await hiddenLines(base, listing, added, pauses);
  const news = await sortTexts(await linesOf(added, pauses), pauses);
  const { lines, starts } = await mergeLines(base, hidden, news, pauses);
  return new FileIndex([...base.layers, diffId], mergeAccounts(base.accounts, listing), lines, starts);
}

/** The lines of the lower layers that this layer replaces or removes, in their order. */
async function hiddenLines(
  base: FileIndex,
  { removed, emptied }: LayerListing,
  added: ReadonlyMap<string, FileEntry>,
  pauses: Pauses,
): Promise<Lines[]> {
  const hidden: Lines[] = [];
  const hide = (lines: Lines): void => void (lines.first < lines.end && hidden.push(lines));
  for (const path of removed) {
    hide(base.linesOf(path));
    hide(base.linesBelow(path));
    await pauses.due();
  }
  for (const path of emptied) {
    hide(base.linesBelow(path));
    await pauses.due();
  }
  for (const [path, { type }] of added) {
    hide(base.linesOf(path));
    if (type !== "directory") hide(base.linesBelow(path));
    await pauses.due();
  }
  return hidden.sort((a, b) => a.first - b.first);
}

/** `added` is empty afterwards: two copies of half a million entries are one too many. */
async function linesOf(added: Map<string, FileEntry>, pauses: Pauses): Promise<string[]> {
  const lines: string[] = [];
  for (const [path, entry] of added) {
    lines.push(`${encodeRecord(entry)}\n`);
    added.delete(path);
    await pauses.due();
  }
  return lines;
}

/** The old lines without the hidden ones, and the new ones at their places between them. */
async function mergeLines(
  base: FileIndex,
  hidden: readonly Lines[],
  news: readonly string[],
  pauses: Pauses,
): Promise<{ lines: Buffer; starts: Uint32Array }> {
  const writer = new LineWriter(base, hidden, news);
  for (const line of news) {
    writer.copyTo(base.lineFor(Buffer.from(line, "latin1")));
    writer.add(line);
    await pauses.due();
  }
  return writer.end();
}

class LineWriter {
  readonly #base: FileIndex;
  readonly #hidden: readonly Lines[];
  readonly #lines: Buffer;
  readonly #starts: Uint32Array;
  #size = 0;
  #count = 0;
  /** Up to where the old lines are copied or passed over. */
  #at = 0;
  #nextHidden = 0;

  constructor(base: FileIndex, hidden: readonly Lines[], news: readonly string[]) {
    const most = base.lines.length + news.reduce((sum, line) => sum + line.length, 0);
    if (most > limits.text) throw badLayer(`brings the image to an index of more than ${limits.text} bytes`);
    this.#base = base;
    this.#hidden = hidden;
    this.#lines = Buffer.allocUnsafeSlow(most);
    this.#starts = new Uint32Array(base.size + news.length);
  }

  /** The old lines from where it was to another, but for the hidden ones. */
  copyTo(end: number): void {
    for (let next = this.#hidden[this.#nextHidden]; next && next.first < end; next = this.#hidden[this.#nextHidden]) {
      this.#copy(Math.max(this.#at, next.first));
      this.#at = Math.max(this.#at, next.end);
      this.#nextHidden += 1;
    }
    this.#copy(Math.max(this.#at, end));
  }

  add(line: string): void {
    this.#starts[this.#count] = this.#size;
    this.#count += 1;
    this.#size += this.#lines.write(line, this.#size, "latin1");
  }

  end(): { lines: Buffer; starts: Uint32Array } {
    this.copyTo(this.#base.size);
    return { lines: this.#lines.subarray(0, this.#size), starts: this.#starts.subarray(0, this.#count) };
  }

  #copy(end: number): void {
    const { lines, starts } = this.#base;
    const from = this.#base.startOf(this.#at);
    for (let line = this.#at; line < end; line += 1, this.#count += 1)
      this.#starts[this.#count] = (starts[line] ?? 0) - from + this.#size;
    this.#size += lines.copy(this.#lines, this.#size, from, this.#base.startOf(end));
    this.#at = end;
  }
}

function mergeAccounts(base: Accounts, listing: LayerListing): Accounts {
  const kept = (path: string): boolean =>
    !listing.entries.has(path) &&
    ![path, "etc"].some((each) => listing.removed.has(each)) &&
    !listing.emptied.has("etc");
  return {
    ...(base.passwd !== undefined && kept("etc/passwd") && { passwd: base.passwd }),
    ...(base.group !== undefined && kept("etc/group") && { group: base.group }),
    ...listing.accounts,
  };
}
