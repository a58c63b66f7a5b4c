import { createInflateRaw } from "node:zlib";
import { ByteReader } from "../../../oci/byte-reader.ts";

/**
 * Where a gzip ends: behind the last of its members, at an offset in bytes; 0 where it has none. What stands behind it means nothing
 * to those who unpack archives.
 */
export async function gzipEnd(open: () => AsyncIterable<Buffer>): Promise<number> {
  let end = 0;
  for (let next = await memberEnd(open(), end); next !== undefined; next = await memberEnd(open(), end)) end = next;
  return end;
}

/** CRC and length. */
const trailer = 8;

/** Undefined when no whole member begins there. */
async function memberEnd(source: AsyncIterable<Buffer>, start: number): Promise<number | undefined> {
  const reader = new ByteReader(source);
  try {
    if (!(await reader.skip(start))) return undefined;
    const header = await readHeader(reader);
    const body = header === undefined ? undefined : await deflatedSize(reader);
    return header === undefined || body === undefined ? undefined : start + header + body + trailer;
  } finally {
    await reader.close();
  }
}

/** Its length. https://www.rfc-editor.org/rfc/rfc1952#section-2.3 */
async function readHeader(reader: ByteReader): Promise<number | undefined> {
  const fixed = await reader.read(10);
  if (fixed.length < 10 || fixed.readUIntBE(0, 3) !== 0x1f8b08) return undefined;
  const flags = fixed[3] ?? 0;
  let length = fixed.length;
  if ((flags & 4) !== 0) {
    const extra = await reader.read(2);
    if (extra.length < 2 || !(await reader.skip(extra.readUInt16LE()))) return undefined;
    length += 2 + extra.readUInt16LE();
  }
  for (const flag of [8, 16]) if ((flags & flag) !== 0) length += await skipText(reader);
  if ((flags & 2) !== 0) length += (await reader.read(2)).length;
  return length;
}

/** A text and the zero that ends it. */
async function skipText(reader: ByteReader): Promise<number> {
  for (let length = 1; ; length += 1) {
    const [byte] = await reader.read(1);
    if (byte === undefined || byte === 0) return length;
  }
}

/** Bytes of compressed data up to where they say that they end. */
function deflatedSize(reader: ByteReader): Promise<number | undefined> {
  return new Promise((resolve) => {
    const inflate = createInflateRaw();
    inflate.resume();
    inflate.on("end", () => resolve(inflate.bytesWritten));
    inflate.on("error", () => resolve(undefined));
    const feed = async (): Promise<void> => {
      const part = await reader.readSome(65_536);
      if (part.length === 0) inflate.end();
      else if (!inflate.readableEnded && !inflate.destroyed)
        inflate.write(part, () => void feed().catch(() => inflate.destroy()));
    };
    feed().catch(() => resolve(undefined));
  });
}
