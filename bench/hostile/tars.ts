import { gzipSync } from "node:zlib";
import { encodeTarHeader, type TarEntry, tarEnd, tarPadding } from "../../src/oci/tar.ts";

/** Layers as their bytes go to the registry; what they are made of is told by the pieces, so that none has to be held whole. */
export interface Layer {
  readonly bytes: Buffer;
  readonly mediaType?: string;
  /** Of the uncompressed bytes, where it has to be right. */
  readonly tar?: Buffer;
}

export const entry = (path: string, rest: Partial<TarEntry> = {}, body: Buffer = Buffer.alloc(0)): Buffer =>
  Buffer.concat([
    encodeTarHeader({ type: "file", mode: 0o644, uid: 0, gid: 0, mtime: 0, size: body.length, path, ...rest }),
    body,
    tarPadding(body.length),
  ]);

export const link = (path: string, linkname: string): Buffer => entry(path, { type: "symlink", linkname });

/** A header of any type flag with a body: what no writer of archives would write. */
export function raw(typeflag: string, body: Buffer, name = "x"): Buffer {
  const header = Buffer.from(entry(name).subarray(0, 512));
  header.write(typeflag, 156, "latin1");
  header.write(`${body.length.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  header.write("        ", 148, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return Buffer.concat([header, body, tarPadding(body.length)]);
}

export function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const digits = String(rest.length + String(rest.length).length).length;
  return `${rest.length + digits}${rest}`;
}

export const archive = (parts: Iterable<Buffer>): Buffer => Buffer.concat([...parts, tarEnd()]);

export const gzipped = (parts: Iterable<Buffer>, level = 6): Layer => {
  const tar = archive(parts);
  return { bytes: gzipSync(tar, { level }), tar };
};

export const many = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

/** So many members of gzip in a row, each of so many zeros. */
export const zeros = (members: number, size: number): Buffer =>
  Buffer.concat(repeated(members, gzipSync(Buffer.alloc(size), { level: 9 })));

export const repeated = (count: number, bytes: Buffer): Buffer[] => many(count, () => bytes);

/** The same entries again and again, compressed once. */
export const repeatedMember = (count: number, parts: readonly Buffer[]): Layer => {
  const member = gzipSync(Buffer.concat([...parts]), { level: 6 });
  return { bytes: Buffer.concat(repeated(count, member)) };
};
