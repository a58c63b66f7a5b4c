import { createHash } from "node:crypto";
import { emptyIndex, type FileIndex } from "../../src/files/index.ts";
import { Budget } from "../../src/files/limits.ts";
import { readListing } from "../../src/files/listing.ts";
import { addLayer } from "../../src/files/merge.ts";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { encodeTarHeader, type TarEntry, tarEnd, tarPadding } from "../../src/oci/tar.ts";

export type Item = Partial<TarEntry> & { readonly path: string; readonly text?: string };

/** The bytes of a tar with these entries; a path that ends in `/` is a folder, others are files unless said. */
export function tarOf(items: readonly Item[]): Buffer {
  const parts = items.flatMap(({ text = "", ...item }) => {
    const folder = item.path.endsWith("/");
    const body = Buffer.from(text);
    const entry: TarEntry = {
      type: folder ? "directory" : "file",
      mode: folder ? 0o755 : 0o644,
      uid: 0,
      gid: 0,
      mtime: 0,
      ...item,
      size: body.length,
      path: folder ? item.path.slice(0, -1) : item.path,
    };
    return [encodeTarHeader(entry), body, tarPadding(body.length)];
  });
  return Buffer.concat([...parts, tarEnd()]);
}

export async function* chunks(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The index of an image whose layers have these entries, lowest first. */
export async function indexOf(...layers: (readonly Item[])[]): Promise<FileIndex> {
  let index = emptyIndex();
  for (const items of layers) {
    const tar = tarOf(items);
    const budget = new Budget(tar.length);
    index = await addLayer(index, sha256Digest(tar), await readListing(chunks(tar), budget), budget);
  }
  return index;
}

export const pathsOf = (index: FileIndex): string[] => [...index.under("")].map((entry) => entry.path);

export const someDigest = (text: string): Digest =>
  `sha256:${createHash("sha256").update(text).digest("hex")}` as Digest;
