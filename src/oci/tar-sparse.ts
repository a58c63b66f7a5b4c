import type { ByteReader } from "./byte-reader.ts";
import { brokenTar } from "./tar-errors.ts";
import { blockSize } from "./tar-layout.ts";

/**
 * A file of which only some regions are stored, in one of the three forms that GNU tar writes into PAX records:
 * https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html
 */
export interface SparseFile {
  /** Bytes of the whole file. */
  readonly size: number;
  /** Undefined where the map stands before the data, in whole blocks. */
  readonly regions: readonly Region[] | undefined;
}

interface Region {
  readonly offset: number;
  readonly length: number;
}

const prefix = "GNU.sparse.";

/** Bytes. Beyond it a header of a few bytes would have a machine write zeros for hours. */
const largest = 2 ** 36;

/** What the records of an entry say of it as a sparse file; undefined for an ordinary one. Throws `FailedError`. */
export function sparseFile(records: ReadonlyMap<string, Buffer>): SparseFile | undefined {
  const of = (key: string): string | undefined => records.get(`${prefix}${key}`)?.toString("latin1");
  const map = of("map");
  const isNewest = of("major") === "1" && of("minor") === "0";
  if (!isNewest && map === undefined) return refuseOthers(records);
  const size = numberOf(of("realsize") ?? of("size"));
  if (size > largest) throw brokenTar("a sparse file is too large");
  return { size, regions: isNewest ? undefined : regionsOf((map ?? "").split(",").filter(Boolean), size) };
}

/** A name that stands for the one of the header, which is of a folder that never was. */
export const sparseName = (records: ReadonlyMap<string, Buffer>): Buffer | undefined => records.get(`${prefix}name`);

function refuseOthers(records: ReadonlyMap<string, Buffer>): undefined {
  for (const key of records.keys())
    if (key.startsWith(prefix)) throw brokenTar("it has a sparse file of a form that is not known");
  return undefined;
}

/** The form 0.0 has a record for each number; they are gathered as the form 0.1 writes them. */
export function gathered(records: Iterable<readonly [string, Buffer]>): [string, Buffer][] {
  const numbers: string[] = [];
  const others: [string, Buffer][] = [];
  for (const [key, value] of records)
    if (key === `${prefix}offset` || key === `${prefix}numbytes`) numbers.push(value.toString("latin1"));
    else others.push([key, value]);
  return numbers.length === 0 ? others : [...others, [`${prefix}map`, Buffer.from(numbers.join(","))]];
}

function regionsOf(numbers: readonly string[], size: number): Region[] {
  const regions: Region[] = [];
  if (numbers.length % 2 !== 0) throw brokenTar("the map of a sparse file is not complete");
  let end = 0;
  for (let at = 0; at < numbers.length; at += 2) {
    const [offset, length] = [numberOf(numbers[at]), numberOf(numbers[at + 1])];
    if (offset < end || offset + length > size) throw brokenTar("the map of a sparse file is not in order");
    regions.push({ offset, length });
    end = offset + length;
  }
  return regions;
}

function numberOf(text: string | undefined): number {
  if (text === undefined || !/^\d{1,15}$/.test(text)) throw brokenTar("a sparse file has a number that is none");
  return Number(text);
}

/** The whole content, holes as zeros; `stored` is the number of bytes in the archive. `took` is told of each part that is read of them. */
export async function* expandSparse(
  file: SparseFile,
  reader: ByteReader,
  stored: number,
  took: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  const read = async (most: number): Promise<Buffer> => {
    const part = await reader.readSome(most);
    if (part.length === 0) throw brokenTar("it ends within a sparse file");
    took(part.length);
    return part;
  };
  const map = file.regions === undefined ? await readMap(read, stored, file.size) : { regions: file.regions, bytes: 0 };
  if (map.regions.reduce((sum, { length }) => sum + length, map.bytes) !== stored)
    throw brokenTar("a sparse file has other data than its map says");
  let at = 0;
  for (const { offset, length } of [...map.regions, { offset: file.size, length: 0 }]) {
    yield* zeros(offset - at);
    for (let left = length; left > 0; ) {
      const part = await read(left);
      left -= part.length;
      yield part;
    }
    at = offset + length;
  }
}

/** Decimal numbers, a line each: how many regions there are, then offset and length of each; filled up to a whole block. */
async function readMap(read: (most: number) => Promise<Buffer>, stored: number, size: number) {
  let text = "";
  let bytes = 0;
  let lines = 0;
  let wanted = Number.POSITIVE_INFINITY;
  while (lines < wanted) {
    if (bytes + blockSize > Math.min(stored, mapLimit)) throw brokenTar("the map of a sparse file is not complete");
    for (let left = blockSize; left > 0; ) {
      const part = await read(left);
      left -= part.length;
      text += part.toString("latin1");
      lines += part.reduce((sum, byte) => (byte === newline ? sum + 1 : sum), 0);
    }
    bytes += blockSize;
    if (lines > 0 && wanted === Number.POSITIVE_INFINITY) wanted = 1 + 2 * numberOf(text.slice(0, text.indexOf("\n")));
  }
  const [count, ...numbers] = text.split("\n");
  return { regions: regionsOf(numbers.slice(0, 2 * numberOf(count)), size), bytes };
}

const newline = 0x0a;

/** As much as Go's archive/tar takes for the map of a sparse file. */
const mapLimit = 1024 * 1024;

const zeroes = Buffer.alloc(65_536);

function* zeros(count: number): Generator<Buffer> {
  for (let left = count; left > 0; left -= zeroes.length) yield zeroes.subarray(0, Math.min(left, zeroes.length));
}
