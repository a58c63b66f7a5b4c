import { brokenTar } from "./tar-errors.ts";
import { blockSize, fields } from "./tar-layout.ts";

/** One header block as it stands, before extension headers are applied. */
export interface RawHeader {
  readonly typeFlag: string;
  readonly path: Buffer;
  readonly linkname: Buffer;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly devmajor: number;
  readonly devminor: number;
}

export function readHeader(block: Buffer): RawHeader {
  if (!checksumFits(block)) throw brokenTar("a header has a wrong checksum");
  const magic = slice(block, fields.magic).toString("latin1");
  const isUstar = magic.startsWith("ustar");
  return {
    typeFlag: slice(block, fields.typeflag).toString("latin1"),
    path: magic.startsWith("ustar\0") ? joinPrefix(block) : readText(block, fields.name),
    linkname: readText(block, fields.linkname),
    mode: readNumber(block, fields.mode) & 0o7777,
    uid: readNumber(block, fields.uid),
    gid: readNumber(block, fields.gid),
    size: readSize(block),
    mtime: readNumber(block, fields.mtime),
    devmajor: isUstar ? readNumber(block, fields.devmajor) : 0,
    devminor: isUstar ? readNumber(block, fields.devminor) : 0,
  };
}

/** True for a block that is a header by its checksum. */
export function isHeader(block: Buffer): boolean {
  try {
    return checksumFits(block);
  } catch {
    return false;
  }
}

export const isEndBlock = (block: Buffer): boolean => block.length === blockSize && block.equals(zeros);

const zeros = Buffer.alloc(blockSize);

type Field = (typeof fields)[keyof typeof fields];

const slice = (block: Buffer, field: Field): Buffer => block.subarray(field.start, field.start + field.length);

/** Copied, since the block is part of a chunk that may be used again. */
function readText(block: Buffer, field: Field): Buffer {
  const text = slice(block, field);
  const end = text.indexOf(0);
  return Buffer.from(end === -1 ? text : text.subarray(0, end));
}

function joinPrefix(block: Buffer): Buffer {
  const [prefix, name] = [readText(block, fields.prefix), readText(block, fields.name)];
  return prefix.length === 0 ? name : Buffer.concat([prefix, Buffer.from("/"), name]);
}

function readSize(block: Buffer): number {
  const size = readNumber(block, fields.size);
  if (size < 0) throw brokenTar("an entry has a negative size");
  return size;
}

/** Octal digits, or where the first bit is set GNU's big-endian two's complement. */
function readNumber(block: Buffer, field: Field): number {
  if (((block[field.start] ?? 0) & 0x80) !== 0) return readBinary(slice(block, field));
  const end = field.start + field.length;
  let at = field.start;
  while (at < end && isBlank(block[at])) at += 1;
  let value = 0;
  for (; at < end && block[at] !== 0; at += 1) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit >= 0 && digit <= 7) value = value * 8 + digit;
    else if (isBlankUntil(block, at, end)) break;
    else throw brokenTar("a header has a number that is not octal");
  }
  return value;
}

const isBlank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0;

/** Whether nothing but spaces and zeros follow. */
function isBlankUntil(block: Buffer, from: number, end: number): boolean {
  for (let at = from; at < end; at += 1) if (!isBlank(block[at])) return false;
  return true;
}

function readBinary(bytes: Buffer): number {
  const bits = BigInt(`0x${bytes.toString("hex")}`);
  const value = BigInt.asIntN(bytes.length * 8 - 1, bits);
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER)
    throw brokenTar("a header has a number beyond reason");
  return Number(value);
}

/** Old writers summed signed bytes. */
function checksumFits(block: Buffer): boolean {
  const stated = readNumber(block, fields.checksum);
  let unsigned = 0;
  let high = 0;
  for (let at = 0; at < blockSize; at += 1) {
    const byte = block[at] ?? 0;
    unsigned += byte;
    high += byte >> 7;
  }
  for (let at = fields.checksum.start; at < fields.typeflag.start; at += 1) {
    const byte = block[at] ?? 0;
    unsigned += 0x20 - byte;
    high -= byte >> 7;
  }
  return stated === unsigned || stated === unsigned - 0x100 * high;
}
