import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { encodePath, printablePath } from "./path-bytes.ts";
import type { TarEntry } from "./tar-entry.ts";
import { blockSize, fields, ownerMax, sizeMax, typeFlags } from "./tar-layout.ts";

/**
 * Everything that stands before an entry's content, a multiple of 512 bytes: a ustar header, with a PAX header before it
 * where ustar has no room, as Go's archive/tar chooses. The same entry gives the same bytes.
 */
export function encodeTarHeader(entry: TarEntry): Buffer {
  const path = encodePath(entry.type === "directory" ? `${entry.path}/` : entry.path);
  const link = encodePath(entry.linkname ?? "");
  if (path.includes(0) || link.includes(0)) throw cannotWrite(entry, "its name has a zero byte");
  const records = paxRecords(entry, path, link);
  if (records.length === 0) return mainHeader(entry, ...splitPath(path), link);
  return Buffer.concat([paxHeader(path, records), mainHeader(entry, Buffer.alloc(0), toAscii(path), toAscii(link))]);
}

/** The zeros that follow `size` bytes of content, up to the next multiple of 512. */
export const tarPadding = (size: number): Buffer => Buffer.alloc((blockSize - (size % blockSize)) % blockSize);

/** The two blocks of zeros that end an archive. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * blockSize);

type PaxRecord = readonly [key: string, value: Buffer];

/** What does not fit a ustar header. As in Go, where there is anything, a path that only ustar could split is in it too. */
function paxRecords(entry: TarEntry, path: Buffer, link: Buffer): PaxRecord[] {
  const needed: PaxRecord[] = [
    ...numberRecord("uid", entry.uid, ownerMax),
    ...numberRecord("gid", entry.gid, ownerMax),
    ...numberRecord("size", contentSize(entry), sizeMax),
    ...numberRecord("mtime", entry.mtime, sizeMax),
    ...(fitsUstar(link) ? [] : [["linkpath", link] as const]),
    ...Object.entries(entry.xattrs ?? {}).map(([name, value]) => xattrRecord(entry, name, value)),
  ];
  const pathNeeded = !fitsUstar(path) && splitPath(path)[0].length === 0;
  if (pathNeeded || (needed.length > 0 && !fitsUstar(path))) needed.push(["path", path]);
  return needed.sort(([a], [b]) => Buffer.compare(encodePath(a), encodePath(b)));
}

const numberRecord = (key: string, value: number, max: number): PaxRecord[] =>
  value >= 0 && value <= max ? [] : [[key, Buffer.from(String(value))]];

function xattrRecord(entry: TarEntry, name: string, value: string): PaxRecord {
  if (name === "" || /[=\0]/.test(name))
    throw cannotWrite(entry, `an extended attribute is named ${JSON.stringify(name)}`);
  return [`SCHILY.xattr.${name}`, encodePath(value)];
}

const fitsUstar = (text: Buffer): boolean => text.length <= fields.name.length && isAscii(text);

/** Prefix and name of a ustar header; the prefix is empty where there is no slash to split at. */
function splitPath(path: Buffer): [prefix: Buffer, name: Buffer] {
  const whole: [Buffer, Buffer] = [Buffer.alloc(0), path];
  if (path.length <= fields.name.length || !isAscii(path)) return whole;
  const end =
    path.length > fields.prefix.length + 1 ? fields.prefix.length + 1 : path.length - (endsWithSlash(path) ? 1 : 0);
  const slash = path.subarray(0, end).lastIndexOf("/");
  const rest = path.length - slash - 1;
  if (slash <= 0 || rest === 0 || rest > fields.name.length || slash > fields.prefix.length) return whole;
  return [path.subarray(0, slash), path.subarray(slash + 1)];
}

function mainHeader(entry: TarEntry, prefix: Buffer, name: Buffer, link: Buffer): Buffer {
  if (entry.mode < 0 || entry.mode > 0o7777) throw cannotWrite(entry, `its mode is ${entry.mode.toString(8)}`);
  const block = emptyHeader(typeFlags[entry.type]);
  writeText(block, fields.name, name);
  writeOctal(block, fields.mode, entry.mode);
  writeOctal(block, fields.uid, entry.uid);
  writeOctal(block, fields.gid, entry.gid);
  writeOctal(block, fields.size, contentSize(entry));
  writeOctal(block, fields.mtime, entry.mtime);
  writeText(block, fields.linkname, link);
  writeOctal(block, fields.devmajor, entry.devmajor ?? 0);
  writeOctal(block, fields.devminor, entry.devminor ?? 0);
  writeText(block, fields.prefix, prefix);
  return sealed(block);
}

/** Its name is the one Go gives it; readers ignore it. */
function paxHeader(path: Buffer, records: readonly PaxRecord[]): Buffer {
  const body = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  const block = emptyHeader("x");
  writeText(block, fields.name, paxName(path));
  for (const field of [fields.mode, fields.uid, fields.gid, fields.mtime]) writeOctal(block, field, 0);
  writeOctal(block, fields.size, body.length);
  return Buffer.concat([sealed(block), body, tarPadding(body.length)]);
}

function paxName(path: Buffer): Buffer {
  const text = path.toString("latin1");
  const slash = text.lastIndexOf("/");
  const parts = [...text.slice(0, slash + 1).split("/"), "PaxHeaders.0", ...text.slice(slash + 1).split("/")];
  const joined = (text.startsWith("/") ? "/" : "") + cleanParts(parts).join("/");
  return Buffer.from(
    toAscii(Buffer.from(joined, "latin1")).toString("latin1").slice(0, 100).replace(/\/+$/, ""),
    "latin1",
  );
}

/** Go joins with path.Join, which resolves `.` and `..` by the text alone. */
function cleanParts(parts: readonly string[]): string[] {
  const clean: string[] = [];
  for (const part of parts) {
    if (part === "" || part === ".") continue;
    if (part === ".." && clean.length > 0 && clean.at(-1) !== "..") clean.pop();
    else clean.push(part);
  }
  return clean;
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function paxRecord(key: string, value: Buffer): Buffer {
  const rest = Buffer.concat([Buffer.from(" "), encodePath(key), Buffer.from("="), value, Buffer.from("\n")]);
  let length = rest.length + String(rest.length).length;
  if (String(length).length + rest.length !== length) length += 1;
  return Buffer.concat([Buffer.from(String(length)), rest]);
}

function emptyHeader(typeFlag: string): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(typeFlag, fields.typeflag.start, "latin1");
  block.write("ustar\0" + "00", fields.magic.start, "latin1");
  return block;
}

type Field = (typeof fields)[keyof typeof fields];

const writeText = (block: Buffer, field: Field, text: Buffer): void => {
  text.copy(block, field.start, 0, Math.min(text.length, field.length));
  if (text.length > field.length && block[field.start + field.length - 1] === slashByte) dropEndSlash(block, field);
};

/** Some readers take a file for a directory when the cut name in the old field happens to end with a slash. */
function dropEndSlash(block: Buffer, field: Field): void {
  let at = field.start + field.length - 1;
  while (at > field.start && block[at - 1] === slashByte) at -= 1;
  block[at] = 0;
}

/** A number that has a PAX record instead is written as 0, as Go does. */
function writeOctal(block: Buffer, field: Field, value: number): void {
  const digits = field.length - 1;
  const fits = value >= 0 && value < 8 ** digits;
  block.write((fits ? value : 0).toString(8).padStart(digits, "0"), field.start, "latin1");
}

function sealed(block: Buffer): Buffer {
  block.fill(" ", fields.checksum.start, fields.checksum.start + fields.checksum.length);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, fields.checksum.start, "latin1");
  return block;
}

const slashByte = 0x2f;
const endsWithSlash = (path: Buffer): boolean => path.at(-1) === slashByte;
const isAscii = (text: Buffer): boolean => text.every((byte) => byte < 0x80 && byte !== 0);
const toAscii = (text: Buffer): Buffer => Buffer.from(text.filter((byte) => byte < 0x80 && byte !== 0));
const contentSize = (entry: TarEntry): number => (entry.type === "file" ? entry.size : 0);

const cannotWrite = (entry: TarEntry, why: string): FailedError =>
  new FailedError([error("bad-tar-entry", `${printablePath(entry.path)} cannot be put into an archive: ${why}`)]);
