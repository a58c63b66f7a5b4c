import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { error } from "../../../diagnostics/diagnostic.ts";
import { FailedError } from "../../../diagnostics/failure.ts";
import { limits } from "../../../files/limits.ts";
import { createHasher, sha256Digest } from "../../../oci/digest.ts";
import { decodePath, encodePath, printablePath } from "../../../oci/path-bytes.ts";
import { AssembleError } from "../evaluate/assemble-error.ts";
import { readSlice } from "../layers/spool.ts";
import type { Content, Node } from "./tree.ts";

/** The bytes of a file, checked against what is known of them. Contents in layers must have been taken out before. */
export function readContent(content: Content, size: number): AsyncIterable<Buffer> {
  switch (content.kind) {
    case "bytes":
      return once(content.bytes);
    case "slice":
      return readSlice(content.file, content.offset, size);
    case "disk":
      return readDisk(content.path, content.digest, size);
    case "layer":
      throw new Error(`${content.place.path} has not been taken out of its layer`);
  }
}

/** Names the bytes without reading them: equal ids mean equal bytes. */
export function contentId(content: Content): string {
  switch (content.kind) {
    case "bytes":
      return sha256Digest(content.bytes);
    case "slice":
      return content.id;
    case "disk":
      return content.digest;
    case "layer":
      return `${content.layer.diffId}/${content.place.layer}/${content.place.path}`;
  }
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  if (bytes.length > 0) yield bytes;
}

/** Asking the system for each file without waiting costs ten times what reading a small one at once does. */
const smallFile = 256 * 1024;

/** A file that changed since it was listed must not end up in an image under the old digest. */
async function* readDisk(path: string, digest: string, size: number): AsyncGenerator<Buffer> {
  const hasher = createHasher();
  let left = size;
  try {
    for await (const bytes of size <= smallFile ? [readSmall(path, size)] : openLarge(path)) {
      left -= bytes.length;
      if (left < 0) throw changed(path);
      hasher.update(bytes);
      yield bytes;
    }
  } catch (cause) {
    throw cause instanceof FailedError ? cause : unreadable(path, cause as Error);
  }
  if (left !== 0 || hasher.end().digest !== digest) throw changed(path);
}

const openLarge = (path: string): AsyncIterable<Buffer> =>
  createReadStream(encodePath(path), { highWaterMark: smallFile });

/** The bytes, and one more where the file has become longer. */
function readSmall(path: string, size: number): Buffer {
  const file = openSync(encodePath(path), "r");
  try {
    const bytes = Buffer.allocUnsafe(size + 1);
    return bytes.subarray(0, readSync(file, bytes, 0, size + 1, 0));
  } finally {
    closeSync(file);
  }
}

const changed = (path: string): FailedError =>
  new FailedError([
    error("file-changed", `${printablePath(path)} changed while the image was being made`, { help: "run again" }),
  ]);

const unreadable = (path: string, cause: Error): FailedError =>
  new FailedError(
    [error("file-unreadable", `${printablePath(path)} cannot be read`, { notes: [{ message: cause.message }] })],
    {
      cause,
    },
  );

/** A small text, as `/etc/passwd`. */
export async function readText(node: Node): Promise<string> {
  if (node.size > limits.accounts)
    throw new AssembleError(`a file of accounts is larger than ${limits.accounts} bytes`);
  const parts: Buffer[] = [];
  for await (const part of node.content ? readContent(node.content, node.size) : []) parts.push(part);
  return decodePath(Buffer.concat(parts));
}
