import { ByteReader } from "./byte-reader.ts";
import { printablePath } from "./path-bytes.ts";
import type { TarEntry } from "./tar-entry.ts";
import { brokenTar } from "./tar-errors.ts";
import { isEndBlock, type RawHeader, readHeader } from "./tar-header.ts";
import { blockSize } from "./tar-layout.ts";
import { tarLimits } from "./tar-limits.ts";
import { Extensions, entryOf, isExtension, type Overrides, sizeOf } from "./tar-overrides.ts";
import { expandSparse, type SparseFile, sparseFile } from "./tar-sparse.ts";

export interface TarContent {
  readonly entry: TarEntry;
  /** The content, to be read before the next entry is asked for; what is left unread is skipped. */
  readonly body: AsyncIterable<Buffer>;
  /** The content where all of it is at hand, in place of `body`; undefined where it has to be waited for. */
  readonly whole?: () => Buffer | undefined;
  /** Bytes of a sparse file's content that are not in the archive. */
  readonly holes: number;
}

/**
 * The entries of a tar that came from outside, in its order, in bounded memory. Reads ustar, PAX and GNU long names.
 * The source is read to its end, also behind the archive's own end, unless that is to be left. Throws `FailedError` for
 * anything broken or cut off, and for sparse files of GNU's old format.
 */
export async function* readTar(
  source: AsyncIterable<Uint8Array>,
  behind: "read" | "leave" = "read",
): AsyncGenerator<TarContent> {
  const reader = new ByteReader(source);
  try {
    const records = { entries: 0, records: 0 };
    for (let header = await nextHeader(reader, records); header; header = await nextHeader(reader, records)) {
      const entry = entryOf(header.raw, header.overrides);
      const sparse = entry.type === "file" ? sparseFile(header.overrides) : undefined;
      const stored = sparse ? sizeOf(header.raw, header.overrides) : entry.size;
      const body = new Body(reader, entry, stored, sparse);
      yield { entry, body, whole: () => body.whole(), holes: Math.max(0, entry.size - stored) };
      if (!body.skipAtHand()) await body.skipRest();
    }
    if (behind === "read") await reader.drain();
  } finally {
    await reader.close();
  }
}

interface Header {
  readonly raw: RawHeader;
  readonly overrides: Overrides;
}

/** The next header that stands for an entry, with what the extension headers before it say. */
async function nextHeader(reader: ByteReader, records: RecordCount): Promise<Header | undefined> {
  const extensions = new Extensions();
  records.entries += 1;
  for (;;) {
    const block = reader.take(blockSize) ?? (await reader.read(blockSize));
    if (block.length === 0 || isEndBlock(block)) return undefined;
    if (block.length < blockSize) throw brokenTar("it ends within a header");
    const raw = readHeader(block);
    if (!isExtension(raw)) return { raw, overrides: extensions.overrides };
    extensions.announce(raw);
    extensions.add(raw, await readExtensionBody(reader, raw), () => countRecord(records));
  }
}

/** Of the archive so far. */
interface RecordCount {
  entries: number;
  records: number;
}

/** A million records before every entry would take hours, whatever becomes of them. */
function countRecord(count: RecordCount): void {
  count.records += 1;
  if (count.records > tarLimits.records + count.entries * tarLimits.recordsOfEntry)
    throw brokenTar("it has more PAX records than its entries can need");
}

async function readExtensionBody(reader: ByteReader, raw: RawHeader): Promise<Buffer> {
  const body = await reader.read(raw.size);
  if (body.length < raw.size || !(await reader.skip(padding(raw.size)))) throw brokenTar("it ends within a header");
  return Buffer.from(body);
}

const padding = (size: number): number => (blockSize - (size % blockSize)) % blockSize;

class Body implements AsyncIterable<Buffer> {
  readonly #reader: ByteReader;
  readonly #entry: TarEntry;
  readonly #stored: number;
  readonly #sparse: SparseFile | undefined;
  #left: number;

  constructor(reader: ByteReader, entry: TarEntry, stored: number, sparse: SparseFile | undefined) {
    this.#reader = reader;
    this.#entry = entry;
    this.#stored = stored;
    this.#sparse = sparse;
    this.#left = stored;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    if (this.#sparse) {
      yield* expandSparse(this.#sparse, this.#reader, this.#stored, (bytes) => (this.#left -= bytes));
      return;
    }
    while (this.#left > 0) {
      const part = await this.#reader.readSome(this.#left);
      if (part.length === 0) throw this.#cutOff();
      this.#left -= part.length;
      yield part;
    }
  }

  whole(): Buffer | undefined {
    const part = this.#sparse || this.#left !== this.#stored ? undefined : this.#reader.take(this.#left);
    if (part) this.#left = 0;
    return part;
  }

  /** False where the rest has to be waited for. */
  skipAtHand(): boolean {
    if (this.#reader.take(this.#left + padding(this.#stored)) === undefined) return false;
    this.#left = 0;
    return true;
  }

  async skipRest(): Promise<void> {
    const left = this.#left + padding(this.#stored);
    this.#left = 0;
    if (!(await this.#reader.skip(left))) throw this.#cutOff();
  }

  #cutOff = (): Error => brokenTar(`it ends within the content of ${printablePath(this.#entry.path)}`);
}
