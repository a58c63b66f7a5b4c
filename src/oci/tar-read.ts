import { ByteReader } from "./byte-reader.ts";
import { printablePath } from "./path-bytes.ts";
import type { TarEntry } from "./tar-entry.ts";
import { brokenTar } from "./tar-errors.ts";
import { isEndBlock, type RawHeader, readHeader } from "./tar-header.ts";
import { blockSize } from "./tar-layout.ts";
import { tarLimits } from "./tar-limits.ts";
import { Extensions, entryOf, isExtension, type Overrides } from "./tar-overrides.ts";

export interface TarContent {
  readonly entry: TarEntry;
  /** The content, to be read before the next entry is asked for; what is left unread is skipped. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * The entries of a tar that came from outside, in its order, in bounded memory. Reads ustar, PAX and GNU long names.
 * The source is read to its end, also behind the archive's own end. Throws `FailedError` for anything broken, cut off
 * or sparse.
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<TarContent> {
  const reader = new ByteReader(source);
  try {
    const records = { entries: 0, records: 0 };
    for (let header = await nextHeader(reader, records); header; header = await nextHeader(reader, records)) {
      const entry = entryOf(header.raw, header.overrides);
      const body = new Body(reader, entry);
      yield { entry, body };
      await body.skipRest();
    }
    await reader.drain();
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
    const block = await reader.read(blockSize);
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
  #left: number;

  constructor(reader: ByteReader, entry: TarEntry) {
    this.#reader = reader;
    this.#entry = entry;
    this.#left = entry.size;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    while (this.#left > 0) {
      const part = await this.#reader.readSome(this.#left);
      if (part.length === 0) throw this.#cutOff();
      this.#left -= part.length;
      yield part;
    }
  }

  async skipRest(): Promise<void> {
    const left = this.#left + padding(this.#entry.size);
    this.#left = 0;
    if (!(await this.#reader.skip(left))) throw this.#cutOff();
  }

  #cutOff = (): Error => brokenTar(`it ends within the content of ${printablePath(this.#entry.path)}`);
}
