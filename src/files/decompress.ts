import { PassThrough, type Readable, type Transform } from "node:stream";
import { pipeline } from "node:stream/promises";
import * as zlib from "node:zlib";
import { layerCompression } from "../oci/media-types.ts";
import { badLayer } from "./errors.ts";

/** The tar in a layer of any compression that OCI and Docker know. Throws `FailedError` for one that cannot be read here. */
export function openLayer(mediaType: string, blob: Readable): AsyncIterable<Buffer> {
  const transform = decompressor(mediaType);
  // A broken stream must reach whoever reads the tar, not the process: pipeline destroys `transform` with the reason.
  pipeline(blob, transform).catch(() => undefined);
  return transform;
}

function decompressor(mediaType: string): Transform {
  const compression = layerCompression(mediaType);
  if (compression === "none") return new PassThrough();
  if (compression === "gzip") return zlib.createGunzip();
  const zstd = (zlib as { createZstdDecompress?: () => Transform }).createZstdDecompress;
  if (compression === "zstd" && zstd) return zstd();
  if (compression === "zstd")
    throw badLayer("is compressed with zstd", "run with Node.js 22.15 or newer, which can read zstd");
  throw badLayer(`has a media type that is not known: ${mediaType}`);
}
