import type { PackageRecord } from "./model.ts";
import { readSqliteTable } from "./sqlite.ts";
import { optional } from "./values.ts";

/** The packages of RPM's database in SQLite form, with its write-ahead log. Throws when nothing of it can be read. */
export function readRpmDatabase(
  file: Buffer,
  log: Buffer | undefined,
  owned: (path: string) => boolean,
): { packages: PackageRecord[]; problem?: string } {
  const packages: PackageRecord[] = [];
  let broken = 0;
  for (const row of readSqliteTable(file, log, "Packages")) {
    const found = packageOf(row[1], owned);
    if (found) packages.push(found);
    else broken += 1;
  }
  return { packages, ...(broken > 0 && { problem: `${broken} of its packages have no readable header` }) };
}

function packageOf(blob: unknown, owned: (path: string) => boolean): PackageRecord | undefined {
  try {
    return blob instanceof Buffer ? readHeader(blob, owned) : undefined;
  } catch (cause) {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}

function readHeader(blob: Buffer, owned: (path: string) => boolean): PackageRecord | undefined {
  const header = openHeader(blob);
  const [name, version, release] = [header.text(1000), header.text(1001), header.text(1002)];
  if (!name || !version) return undefined;
  const [epoch] = header.numbers(1003);
  const size = header.numbers(5009)[0] ?? header.numbers(1009)[0] ?? 0;
  const owns = filesOf(header).filter(owned);
  return {
    name,
    version: `${epoch === undefined ? "" : `${epoch}:`}${version}${release ? `-${release}` : ""}`,
    ...optional("architecture", header.text(1022)),
    ...optional("origin", header.text(1011)),
    ...optional("source", header.text(1044)),
    ...optional("licence", header.text(1014)),
    ...(size > 0 && { size }),
    ...(owns.length > 0 && { owns }),
  };
}

/** Base names, each with the number of its folder. */
function* pathsOf(header: Header): Generator<string> {
  const folders = header.texts(1118);
  const numbers = header.numbers(1116);
  for (const [at, name] of header.texts(1117).entries()) yield `${folders[numbers[at] ?? -1] ?? ""}${name}`.slice(1);
}

const filesOf = (header: Header): string[] => [...pathsOf(header)];

interface Header {
  text(tag: number): string | undefined;
  texts(tag: number): string[];
  numbers(tag: number): number[];
}

/**
 * A header without the magic that it has in a package file: two counts, entries of 16 bytes, and the data that they point into
 * (https://rpm-software-management.github.io/rpm/manual/format_header.html). Throws `RangeError` for what lies outside.
 */
function openHeader(blob: Buffer): Header {
  const [entries, data] = [blob.readUInt32BE(0), 8 + blob.readUInt32BE(0) * 16];
  if (data > blob.length) throw new RangeError("its entries lie outside");
  const found = new Map<number, Entry>();
  for (let at = 8; at < 8 + entries * 16; at += 16)
    found.set(blob.readUInt32BE(at), {
      type: blob.readUInt32BE(at + 4),
      offset: data + blob.readUInt32BE(at + 8),
      count: blob.readUInt32BE(at + 12),
    });
  const texts = (tag: number): string[] => textsOf(blob, found.get(tag));
  return { texts, text: (tag) => texts(tag)[0], numbers: (tag) => numbersOf(blob, found.get(tag)) };
}

interface Entry {
  readonly type: number;
  readonly offset: number;
  readonly count: number;
}

/** Types 6, 8 and 9: one text, several, one that may be translated. */
function textsOf(blob: Buffer, entry: Entry | undefined): string[] {
  if (entry === undefined || ![6, 8, 9].includes(entry.type)) return [];
  const texts: string[] = [];
  let at = entry.offset;
  for (let left = entry.type === 6 ? 1 : entry.count; left > 0; left -= 1) {
    const end = blob.indexOf(0, at);
    if (end === -1) throw new RangeError("a text has no end");
    texts.push(blob.toString("utf8", at, end));
    at = end + 1;
  }
  return texts;
}

/** Types 4 and 5: of 32 and of 64 bits. */
function numbersOf(blob: Buffer, entry: Entry | undefined): number[] {
  if (entry === undefined || (entry.type !== 4 && entry.type !== 5)) return [];
  const size = entry.type === 4 ? 4 : 8;
  if (entry.offset + entry.count * size > blob.length) throw new RangeError("numbers lie outside");
  return Array.from({ length: entry.count }, (_, at) =>
    size === 4 ? blob.readUInt32BE(entry.offset + at * 4) : Number(blob.readBigUInt64BE(entry.offset + at * 8)),
  );
}
