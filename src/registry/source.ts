import { Readable } from "node:stream";
import type { StreamBody } from "./http.ts";
import type { BlobSource } from "./model.ts";

/** The bytes of a source from `start` up to `end`. */
export function sliceSource(source: BlobSource, start: number, end: number): Uint8Array | StreamBody {
  if (source instanceof Uint8Array) return source.subarray(start, end);
  return {
    size: end - start,
    open: () => (start === 0 ? source() : Readable.from(slice(source(), start, end), { objectMode: false })),
  };
}

async function* slice(source: Readable, start: number, end: number): AsyncGenerator<Uint8Array> {
  let at = 0;
  for await (const part of source as AsyncIterable<Buffer>) {
    const piece = part.subarray(Math.max(0, start - at), Math.max(0, end - at));
    at += part.length;
    if (piece.length > 0) yield piece;
    if (at >= end) return;
  }
}
