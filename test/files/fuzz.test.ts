import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FailedError } from "../../src/diagnostics/failure.ts";
import { openLayer } from "../../src/files/decompress.ts";
import { emptyIndex } from "../../src/files/index.ts";
import { Budget } from "../../src/files/limits.ts";
import { readListing } from "../../src/files/listing.ts";
import { addLayer } from "../../src/files/merge.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { chunks, type Item, tarOf } from "./support.ts";

const name = fc.constantFrom(
  "a",
  "b",
  "..",
  ".",
  "a/b",
  "/a",
  "a/.wh.b",
  ".wh.",
  "b/.wh..wh..opq",
  "l/x",
  "é",
  "a".repeat(300),
);
const item: fc.Arbitrary<Item> = fc.record({
  path: name,
  type: fc.constantFrom("file", "directory", "symlink", "hardlink", "character", "fifo"),
  linkname: fc.constantFrom("a", "../..", "l/l/l", "/", "", "b/".repeat(200)),
  mtime: fc.constantFrom(0, -1, 2 ** 40),
  text: fc.constantFrom("", "x", "y".repeat(3000)),
});

/** Overwrites bytes of a header or of anything else; a checksum that no longer fits would hide what is behind it. */
const damage = fc.record({
  at: fc.nat({ max: 60 }).map((block) => block * 512),
  field: fc.constantFrom(0, 100, 124, 136, 156, 157, 257, 265, 345),
  bytes: fc.oneof(
    fc.uint8Array({ maxLength: 12 }),
    fc.constantFrom("x", "g", "L", "K", "S", "\0", "77777777777", "9 path=\n\n").map((text) => Buffer.from(text)),
  ),
  sealed: fc.boolean(),
});

function damaged(
  tar: Buffer,
  { at, field, bytes, sealed }: typeof damage extends fc.Arbitrary<infer T> ? T : never,
): void {
  if (at + 512 > tar.length) return;
  const header = tar.subarray(at, at + 512);
  header.set(bytes.subarray(0, 512 - field), field);
  if (!sealed) return;
  header.write("        ", 148, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
}

const layer = fc.record({
  items: fc.array(item, { maxLength: 8 }),
  damages: fc.array(damage, { maxLength: 4 }),
  /** Of the compressed bytes. */
  scratches: fc.array(fc.tuple(fc.nat({ max: 400 }), fc.nat({ max: 255 })), { maxLength: 2 }),
  cut: fc.option(fc.nat({ max: 600 })),
  mediaType: fc.constantFrom(oci.layer, oci.layerGzip, oci.layerGzip, oci.layerZstd),
});

describe("a damaged layer", () => {
  it("is indexed or refused, and nothing else", async () => {
    const before = process.memoryUsage().rss;
    await fc.assert(
      fc.asyncProperty(layer, async ({ items, damages, scratches, cut, mediaType }) => {
        const tar = Buffer.from(tarOf(items));
        for (const each of damages) damaged(tar, each);
        const bytes = mediaType === oci.layer ? tar : mediaType === oci.layerGzip ? gzipSync(tar) : zstdOf(tar);
        for (const [at, byte] of scratches) if (at < bytes.length) bytes[at] = byte;
        await read(bytes.subarray(0, cut ?? bytes.length), mediaType);
      }),
      { seed: 20_261_125, numRuns: 400, interruptAfterTimeLimit: 6000 },
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 1024 * 1024);
  });
});

/** What zlib says of its input is an error of its own, which `obtainIndex` puts into words. */
async function read(bytes: Buffer, mediaType: string): Promise<void> {
  const budget = new Budget(bytes.length);
  const blob = Readable.from(chunks(bytes, 300), { objectMode: false });
  try {
    const listing = await readListing(openLayer({ mediaType, size: bytes.length }, blob), budget);
    const index = await addLayer(emptyIndex(), sha256Digest(bytes), listing, budget);
    for (const entry of index.under("")) expect(index.get(entry.path)).toEqual(entry);
  } catch (cause) {
    if (!(cause instanceof FailedError) && !/^(Z_|ERR_)/.test((cause as NodeJS.ErrnoException).code ?? "")) throw cause;
  }
}

/** A frame of one raw block: RFC 8878, 3.1.1.2. */
function zstdOf(tar: Buffer): Buffer {
  const block = Buffer.alloc(3);
  block.writeUIntLE((tar.length << 3) | 1, 0, 3);
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x50]), block, tar]);
}
