/**
 * Reads the rows of one table of an SQLite database, for the one database in the images of others that is one
 * (https://www.sqlite.org/fileformat2.html). `log` is the write-ahead log beside it: the pages of its committed transactions
 * count. Throws for what is broken, with what it is.
 */
export function* readSqliteTable(file: Buffer, log: Buffer | undefined, table: string): Generator<SqliteRow> {
  const pages = openPages(file, log);
  for (const [type, name, , root] of tableRows(pages, 1))
    if (type === "table" && name === table && typeof root === "number") {
      yield* tableRows(pages, root);
      return;
    }
  throw new Error(`it has no table ${table}`);
}

type SqliteRow = readonly SqliteValue[];

type SqliteValue = Buffer | string | number | null;

interface Pages {
  get(number: number): Buffer;
  readonly usable: number;
  /** Counts bytes of rows, of which a hostile database could have any number on the same pages. */
  spend(bytes: number): void;
}

function openPages(file: Buffer, log: Buffer | undefined): Pages {
  if (file.length < 512 || file.toString("latin1", 0, 15) !== "SQLite format 3")
    throw new Error("it is no SQLite database");
  const stated = file.readUInt16BE(16);
  const size = stated === 1 ? 65_536 : stated;
  if (size < 512 || (size & (size - 1)) !== 0) throw new Error(`its pages have ${size} bytes`);
  if (file.readUInt32BE(56) > 1) throw new Error("its texts are not in UTF-8");
  const logged = log === undefined ? new Map<number, Buffer>() : readLog(log, size);
  const count = Math.max(Math.floor(file.length / size), ...logged.keys());
  const get = (number: number): Buffer => {
    const page = logged.get(number) ?? file.subarray((number - 1) * size, number * size);
    if (number < 1 || page.length < size) throw new Error(`its page ${number} is missing`);
    return page;
  };
  let left = 2 * count * size;
  const spend = (bytes: number): void => {
    if ((left -= bytes) < 0) throw new Error("its rows are larger than itself");
  };
  return { get, spend, usable: size - (file[20] ?? 0) };
}

/** The newest committed content of each page. A frame counts while its salts and checksums go on from those of the header. */
function readLog(log: Buffer, size: number): Map<number, Buffer> {
  const committed = new Map<number, Buffer>();
  if (log.length < 32 || log.readUInt32BE(8) !== size) return committed;
  const big = (log.readUInt32BE(0) & 1) === 1;
  const open = new Map<number, Buffer>();
  let sums = checksum(log.subarray(0, 24), [0, 0], big);
  if (!sameSums(sums, log, 24)) return committed;
  for (let at = 32; at + 24 + size <= log.length; at += 24 + size) {
    const page = log.subarray(at + 24, at + 24 + size);
    sums = checksum(page, checksum(log.subarray(at, at + 8), sums, big), big);
    if (!log.subarray(at + 8, at + 16).equals(log.subarray(16, 24)) || !sameSums(sums, log, at + 16)) break;
    open.set(log.readUInt32BE(at), page);
    if (log.readUInt32BE(at + 4) === 0) continue;
    for (const [number, content] of open) committed.set(number, content);
    open.clear();
  }
  return committed;
}

type Sums = readonly [number, number];

function checksum(bytes: Buffer, [first, second]: Sums, big: boolean): Sums {
  let [a, b] = [first, second];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    a = (a + (big ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at)) + b) >>> 0;
    b = (b + (big ? bytes.readUInt32BE(at + 4) : bytes.readUInt32LE(at + 4)) + a) >>> 0;
  }
  return [a, b];
}

const sameSums = ([a, b]: Sums, log: Buffer, at: number): boolean =>
  log.readUInt32BE(at) === a && log.readUInt32BE(at + 4) === b;

/** In the order of their row ids. */
function* tableRows(pages: Pages, root: number, depth = 0): Generator<SqliteRow> {
  if (depth > 40) throw new Error("its pages run in a circle");
  pages.spend(1);
  const page = pages.get(root);
  const start = root === 1 ? 100 : 0;
  const [kind, cells] = [page[start], page.readUInt16BE(start + 3)];
  if (kind !== 13 && kind !== 5) throw new Error(`its page ${root} is not of a table`);
  const first = start + (kind === 5 ? 12 : 8);
  for (let cell = 0; cell < cells; cell += 1) {
    const at = page.readUInt16BE(first + 2 * cell);
    if (kind === 5) yield* tableRows(pages, page.readUInt32BE(at), depth + 1);
    else yield readRecord(payloadAt(pages, page, at));
  }
  if (kind === 5) yield* tableRows(pages, page.readUInt32BE(start + 8), depth + 1);
}

/** What does not fit into its page goes on in a chain of others. */
function payloadAt(pages: Pages, page: Buffer, at: number): Buffer {
  const [size, rowId] = varint(page, at);
  const [, start] = varint(page, rowId);
  const { usable } = pages;
  pages.spend(size);
  if (size <= usable - 35) return page.subarray(start, start + size);
  const least = Math.floor(((usable - 12) * 32) / 255) - 23;
  const fitting = least + ((size - least) % (usable - 4));
  const local = fitting <= usable - 35 ? fitting : least;
  const parts = [page.subarray(start, start + local)];
  let next = page.readUInt32BE(start + local);
  for (let left = size - local; left > 0; ) {
    const overflow = pages.get(next);
    parts.push(overflow.subarray(4, 4 + Math.min(left, usable - 4)));
    left -= usable - 4;
    next = overflow.readUInt32BE(0);
  }
  return Buffer.concat(parts);
}

function readRecord(payload: Buffer): SqliteRow {
  const [headerSize, first] = varint(payload, 0);
  const row: SqliteValue[] = [];
  let value = headerSize;
  for (let at = first; at < headerSize; ) {
    const [type, next] = varint(payload, at);
    at = next;
    const size = type >= 12 ? Math.floor((type - 12) / 2) : (fixedSizes[type] ?? 0);
    if (value + size > payload.length) throw new Error("it has a row that ends too early");
    row.push(valueOf(type, payload.subarray(value, value + size)));
    value += size;
  }
  return row;
}

const fixedSizes: readonly number[] = [0, 1, 2, 3, 4, 6, 8, 8];

/** Numbers with a fraction are not asked for. */
function valueOf(type: number, bytes: Buffer): SqliteValue {
  if (type === 8 || type === 9) return type - 8;
  if (type >= 12) return type % 2 === 0 ? bytes : bytes.toString("utf8");
  if (bytes.length === 0 || type === 7) return null;
  return bytes.length === 8 ? Number(bytes.readBigInt64BE()) : bytes.readIntBE(0, bytes.length);
}

/** The number and where it ends; at most 8 bytes of a varint are of numbers that occur. */
function varint(bytes: Buffer, start: number): [value: number, end: number] {
  let value = 0;
  for (let at = start; at < start + 9; at += 1) {
    const byte = bytes[at];
    if (byte === undefined) throw new Error("it has a number that ends too early");
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return [value, at + 1];
  }
  throw new Error("it has a number beyond reason");
}
