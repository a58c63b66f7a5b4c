import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Compression, layerCompression } from "../oci/media-types.ts";
import { badLayer } from "./errors.ts";
import { mostBytes } from "./limits.ts";
import { Pauses } from "./pauses.ts";
import { decompressZstd } from "./zstd.ts";

/**
 * The tar in a layer of any compression that OCI and Docker know. What is not of the layer's media type, or becomes too long for its
 * size, fails while it is read. Throws `FailedError` for a media type that is not known.
 */
export function openLayer(
  { mediaType, size }: Pick<Descriptor, "mediaType" | "size">,
  blob: Readable,
  signal?: AbortSignal,
): AsyncIterable<Buffer> {
  const compression = layerCompression(mediaType);
  if (compression !== undefined) return bounded(decompress(blob, compression), mostBytes(size), signal);
  blob.destroy();
  throw badLayer(`has a media type that is not known: ${mediaType}`);
}

async function* bounded(tar: AsyncIterable<Buffer>, most: number, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const pauses = new Pauses(signal);
  let left = most;
  for await (const part of tar) {
    left -= part.length;
    if (left < 0) throw badLayer("becomes much longer than its compressed size can account for");
    yield part;
    await pauses.due();
  }
}

async function* decompress(blob: Readable, compression: Compression): AsyncGenerator<Buffer> {
  const source = checked(blob, compression);
  try {
    if (compression === "none") yield* source;
    else if (compression === "zstd") yield* decompressZstd(source);
    else yield* gunzip(source);
  } finally {
    blob.destroy();
  }
}

function gunzip(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const transform = createGunzip({ chunkSize: 256 * 1024 });
  // A broken stream must reach whoever reads the tar, not the process: pipeline destroys `transform` with the reason.
  pipeline(source, transform).catch(() => undefined);
  return transform;
}

/** The bytes, if they begin as those of the compression do. */
async function* checked(blob: Readable, compression: Compression): AsyncGenerator<Buffer> {
  let head = Buffer.alloc(0);
  let isKnown = false;
  for await (const part of blob as AsyncIterable<Buffer>) {
    if (!isKnown) head = Buffer.concat([head, part]);
    isKnown ||= head.length >= headLength;
    if (!isKnown) continue;
    if (head.length > 0) checkHead(head, compression);
    yield head.length > 0 ? head : part;
    head = Buffer.alloc(0);
  }
  if (isKnown) return;
  checkHead(head, compression);
  yield head;
}

/** Where the mark of a tar ends. */
const headLength = 262;

function checkHead(head: Buffer, compression: Compression): void {
  const found = compressionOf(head);
  if (found === compression || (compression === "none" && found === undefined)) return;
  throw badLayer(`is called ${names[compression]} by its media type and is ${found ? names[found] : "something else"}`);
}

/** By its first bytes; undefined for nothing that is known. */
function compressionOf(head: Buffer): Compression | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return "gzip";
  if (head.length >= 4 && isZstd(head.readUInt32LE(0))) return "zstd";
  return head.toString("latin1", 257, 262) === "ustar" ? "none" : undefined;
}

/** RFC 8878: a frame, or one to be skipped. */
const isZstd = (magic: number): boolean => magic === 0xfd2fb528 || (magic & 0xfffffff0) >>> 0 === 0x184d2a50;

const names = { none: "a plain tar", gzip: "gzip", zstd: "zstd" } as const;
