import { z } from "zod";
import { decodePath, encodePath } from "../oci/path-bytes.ts";
import type { FileEntry, FileType } from "./entry.ts";
import { badIndex } from "./errors.ts";

/**
 * One line of an index, as a text of bytes (latin1): key, type, mode, uid, gid, size, layer, mtime, and where needed a JSON of
 * the rest, separated by tabs. In the order of their bytes a folder stands right before what is in it.
 */
export function encodeRecord(entry: FileEntry): string {
  const { mode, uid, gid, size, layer, mtime } = entry;
  const rest = encodeRest(entry);
  const line = `${encodeKey(entry.path)}\t${typeLetters[entry.type]}\t${mode.toString(8)}\t${uid}\t${gid}\t${size}\t${layer}\t${mtime}`;
  return rest === "" ? line : `${line}\t${rest}`;
}

/** Most entries have a digest alone, which needs no escaping. */
function encodeRest({ link, device, xattrs, content, digest, fact }: FileEntry): string {
  const isPlain = link === undefined && device === undefined && xattrs === undefined && content === undefined;
  if (!isPlain) return latin1(JSON.stringify({ link, device, xattrs, content, digest, fact }));
  if (digest === undefined) return fact === undefined ? "" : `{"fact":${fact}}`;
  return fact === undefined ? `{"digest":"${digest}"}` : `{"digest":"${digest}","fact":${fact}}`;
}

/** Throws `FailedError` for a line that `encodeRecord` does not write. */
export function decodeRecord(line: string): FileEntry {
  const [key = "", letter = "", mode = "", uid, gid, size, layer, mtime, rest] = line.split("\t");
  const type = typesByLetter.get(letter);
  if (type === undefined || !/^[0-7]{1,4}$/.test(mode)) throw badIndex("a line has no type or mode");
  const numbers = { uid: count(uid), gid: count(gid), size: count(size), layer: count(layer), mtime: count(mtime) };
  return { path: decodeKey(key), type, mode: Number.parseInt(mode, 8), ...numbers, ...decodeRest(rest) };
}

/** `/` becomes a space and what sorts before a space is escaped, so that plain order of bytes keeps folders together. */
export const encodeKey = (path: string): string =>
  plain.test(path) ? path.replaceAll("/", " ") : latin1(path).replace(early, escapeByte).replaceAll("/", " ");

/** Characters that stand for themselves, and the slash. */
const plain = /^[!-$&-~]*$/;

// oxlint-disable-next-line no-control-regex -- control characters are what is escaped
const early = /[\u0000-\u0020%]/g;

const decodeKey = (key: string): string => (plainKey.test(key) ? key.replaceAll(" ", "/") : decodeEscaped(key));

const plainKey = /^[ !$&-~"#]*$/;

const decodeEscaped = (key: string): string =>
  fromLatin1(key.replaceAll(" ", "/").replace(/%([0-9a-f]{2})/g, unescapeByte));

/** Bytes of a path as one character each. */
// oxlint-disable-next-line no-control-regex -- the range of ASCII
const latin1 = (text: string): string => (/^[\u0000-\u007f]*$/.test(text) ? text : encodePath(text).toString("latin1"));

const fromLatin1 = (text: string): string =>
  // oxlint-disable-next-line no-control-regex -- the range of ASCII
  /^[\u0000-\u007f]*$/.test(text) ? text : decodePath(Buffer.from(text, "latin1"));

const escapeByte = (character: string): string => `%${character.charCodeAt(0).toString(16).padStart(2, "0")}`;
const unescapeByte = (_: string, hex: string): string => String.fromCharCode(Number.parseInt(hex, 16));

function decodeRest(rest: string | undefined): Partial<FileEntry> {
  if (rest === undefined) return {};
  const plain = plainRest.exec(rest);
  if (plain) return { digest: plain[1] as string, ...(plain[2] !== undefined && { fact: Number(plain[2]) }) };
  try {
    return restSchema.parse(JSON.parse(fromLatin1(rest))) as Partial<FileEntry>;
  } catch {
    throw badIndex("a line ends in what is not JSON");
  }
}

/** What nearly all files have. */
const plainRest = /^\{"digest":"([\w-]{1,100})"(?:,"fact":(\d{1,9}))?\}$/;

const restSchema = z.strictObject({
  link: z.string().optional(),
  device: z.strictObject({ major: z.int(), minor: z.int() }).optional(),
  xattrs: z.record(z.string(), z.string()).optional(),
  content: z.strictObject({ layer: z.int(), path: z.string() }).optional(),
  digest: z
    .string()
    .regex(/^[\w-]{1,100}$/)
    .optional(),
  fact: z.int().optional(),
});

function count(text: string | undefined): number {
  if (text === undefined || !wholeNumber.test(text)) throw badIndex("a line has text where a number belongs");
  return Number(text);
}

const typeLetters: Readonly<Record<FileType, string>> = {
  file: "f",
  directory: "d",
  symlink: "l",
  character: "c",
  block: "b",
  fifo: "p",
};

const typesByLetter = new Map(Object.entries(typeLetters).map(([type, letter]) => [letter, type as FileType]));

const wholeNumber = /^-?\d{1,16}$/;
