import { decodePath } from "./path-bytes.ts";
import type { TarEntry, TarEntryType } from "./tar-entry.ts";
import { brokenTar } from "./tar-errors.ts";
import type { RawHeader } from "./tar-header.ts";
import { typeFlags } from "./tar-layout.ts";
import { tarLimits } from "./tar-limits.ts";
import { gathered, sparseFile, sparseName } from "./tar-sparse.ts";

/** What PAX records and GNU's long names say of the entry that follows them. */
export type Overrides = ReadonlyMap<string, Buffer>;

/** PAX for one entry, PAX for all that follow, GNU long name, GNU long link. */
export const isExtension = (raw: RawHeader): boolean => ["x", "g", "L", "K"].includes(raw.typeFlag);

/** What the extension headers before one entry say, as they are read one after the other. */
export class Extensions {
  readonly overrides = new Map<string, Buffer>();
  #headers = 0;
  #bytes = 0;

  /** To be asked before a body is read. Throws `FailedError` where there are more of them than any entry needs. */
  announce(raw: RawHeader): void {
    this.#headers += 1;
    this.#bytes += raw.size;
    if (this.#headers > tarLimits.extensions)
      throw brokenTar(`an entry has more than ${tarLimits.extensions} extended headers`);
    if (this.#bytes > tarLimits.extensionBytes)
      throw brokenTar(`the extended headers of an entry are larger than ${tarLimits.extensionBytes} bytes`);
  }

  /** Records for all entries (`g`, written by git) are read over, as Go and the engines do. `count` is told of every record. */
  add(raw: RawHeader, body: Buffer, count: () => void): void {
    if (raw.typeFlag === "L") this.overrides.set("path", cutAtZero(body));
    else if (raw.typeFlag === "K") this.overrides.set("linkpath", cutAtZero(body));
    else if (raw.typeFlag === "x") for (const [key, value] of gathered(paxRecords(body, count))) this.#set(key, value);
  }

  /** An empty value takes a record back. */
  #set(key: string, value: Buffer): void {
    if (value.length === 0) this.overrides.delete(key);
    else this.overrides.set(key, value);
  }
}

export function entryOf(raw: RawHeader, overrides: Overrides): TarEntry {
  const sparse = sparseFile(overrides);
  if (overrides.get("path")?.includes(0) || overrides.get("linkpath")?.includes(0))
    throw brokenTar("a name has a zero byte");
  const written = nameOf((sparse && sparseName(overrides)) ?? overrides.get("path") ?? raw.path);
  const type = typeOf(raw.typeFlag, written);
  const linkname = nameOf(overrides.get("linkpath") ?? raw.linkname);
  const xattrs = xattrsOf(overrides);
  return {
    type,
    path: type === "directory" ? withoutSlashes(written) : written,
    mode: raw.mode,
    uid: numberOf(overrides, "uid") ?? raw.uid,
    gid: numberOf(overrides, "gid") ?? raw.gid,
    size: type === "file" ? (sparse?.size ?? sizeOf(raw, overrides)) : 0,
    mtime: numberOf(overrides, "mtime") ?? raw.mtime,
    ...(type === "symlink" || type === "hardlink" ? { linkname } : {}),
    ...(type === "character" || type === "block" ? { devmajor: raw.devmajor, devminor: raw.devminor } : {}),
    ...(xattrs ? { xattrs } : {}),
  };
}

/** At its end; "/" stays. */
function withoutSlashes(path: string): string {
  let end = path.length;
  while (end > 1 && path[end - 1] === "/") end -= 1;
  return path.slice(0, end);
}

function nameOf(bytes: Buffer): string {
  if (bytes.length > tarLimits.path) throw brokenTar(`a name is longer than ${tarLimits.path} bytes`);
  return decodePath(bytes);
}

function* paxRecords(body: Buffer, count: () => void): Generator<[string, Buffer]> {
  for (let at = 0; at < body.length; ) {
    count();
    const space = body.indexOf(" ", at);
    const digits = body.toString("latin1", at, space);
    const end = at + Number(digits);
    const equals = body.indexOf("=", space);
    if (
      space === -1 ||
      !/^[1-9]\d{0,8}$/.test(digits) ||
      end > body.length ||
      equals === -1 ||
      equals >= end ||
      body[end - 1] !== 0x0a
    ) {
      throw brokenTar("a PAX record is malformed");
    }
    yield [decodePath(body.subarray(space + 1, equals)), body.subarray(equals + 1, end - 1)];
    at = end;
  }
}

function typeOf(flag: string, path: string): TarEntryType {
  if (flag === "\0" && path.endsWith("/")) return "directory";
  if (flag === "\0") return "file";
  const found = (Object.keys(typeFlags) as TarEntryType[]).find((type) => typeFlags[type] === flag);
  if (found) return found;
  throw brokenTar(flag === "S" ? "it has a sparse file" : `an entry is of the unknown type ${JSON.stringify(flag)}`);
}

/** Bytes of content in the archive. */
export function sizeOf(raw: RawHeader, overrides: Overrides): number {
  const size = numberOf(overrides, "size") ?? raw.size;
  if (size < 0) throw brokenTar("an entry has a negative size");
  return size;
}

/** Whole numbers; fractions of a second are dropped towards the past. */
function numberOf(overrides: Overrides, key: string): number | undefined {
  const text = overrides.get(key)?.toString("latin1");
  if (text === undefined || text === "") return undefined;
  const value = /^-?\d{1,16}(\.\d*)?$/.test(text) ? Math.floor(Number(text)) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw brokenTar(`a PAX record has a wrong ${key}`);
  return value;
}

function xattrsOf(overrides: Overrides): Record<string, string> | undefined {
  const prefix = "SCHILY.xattr.";
  const found = [...overrides].filter(([key]) => key.startsWith(prefix) && key.length > prefix.length);
  if (found.length === 0) return undefined;
  for (const [key, value] of found)
    if (key.length + value.length > tarLimits.attribute)
      throw brokenTar(`an extended attribute is larger than ${tarLimits.attribute} bytes`);
  return Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length), decodePath(value)]));
}

function cutAtZero(body: Buffer): Buffer {
  const end = body.indexOf(0);
  return end === -1 ? body : body.subarray(0, end);
}
