import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Budget, mostUnpacked } from "../../../files/limits.ts";
import { sizeOf } from "../../../files/listing.ts";
import { Pauses } from "../../../files/pauses.ts";
import { ByteReader } from "../../../oci/byte-reader.ts";
import { cleanEntryPath, readTar, type TarContent, type TarEntry } from "../../../oci/tar.ts";
import { isEndBlock, isHeader } from "../../../oci/tar-header.ts";
import { blockSize } from "../../../oci/tar-layout.ts";
import { AssembleError } from "../evaluate/assemble-error.ts";
import { readContent } from "../files/content-reader.ts";
import type { ArchiveItem } from "../files/sources.ts";
import type { Node } from "../files/tree.ts";
import { writing } from "./disk-failure.ts";
import { gzipEnd } from "./gzip-members.ts";
import type { Spool, SpoolFile } from "./spool.ts";

/** What is in an archive; undefined when the file is neither a tar nor a gzip of one. */
export async function readArchive(
  file: Node,
  spool: Spool,
  signal?: AbortSignal,
): Promise<readonly ArchiveItem[] | undefined> {
  const compression = await compressionOf(file);
  if (compression === "other") {
    throw new AssembleError(
      "ADD unpacks tar and tar.gz here, no other archive",
      "use --engine docker, or pack it as .tar.gz",
    );
  }
  const read = async (open: () => AsyncIterable<Buffer>): Promise<readonly ArchiveItem[] | undefined> => {
    const refuse = (why: string) => new AssembleError(`the archive ${why}`);
    const budget = new Budget(file.size, refuse, mostUnpacked(file.size));
    return (await beginsAsTar(open())) ? readTarItems(counted(open(), budget, signal), spool, budget) : undefined;
  };
  try {
    const items = await read(() => openTar(bytesOf(file), compression));
    if (items || compression !== "gzip") return items;
  } catch (cause) {
    if (compression !== "gzip" || !isOfZlib(cause)) throw cause;
  }
  // Something may stand behind the end of a gzip, which zlib takes for a broken part of it.
  const end = await gzipEnd(() => bytesOf(file));
  return end === 0 ? undefined : read(() => openTar(Readable.from(beginning(bytesOf(file), end)), "gzip"));
}

async function* beginning(source: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let left = size;
  for await (const part of source) {
    yield part.subarray(0, left);
    left -= part.length;
    if (left <= 0) return;
  }
}

const isOfZlib = (cause: unknown): boolean =>
  cause instanceof Error && "code" in cause && typeof cause.code === "string" && cause.code.startsWith("Z_");

type Compression = "none" | "gzip" | "other";

const magics: readonly (readonly [string, Compression])[] = [
  ["1f8b", "gzip"],
  ["425a68", "other"],
  ["fd377a585a00", "other"],
  ["28b52ffd", "other"],
];

async function compressionOf(file: Node): Promise<Compression> {
  for await (const part of bytesOf(file)) {
    const head = part.subarray(0, 6).toString("hex");
    return magics.find(([magic]) => head.startsWith(magic))?.[1] ?? "none";
  }
  return "none";
}

const bytesOf = ({ content, size }: Node): Readable => Readable.from(content ? readContent(content, size) : []);

function openTar(bytes: Readable, compression: Compression): AsyncIterable<Buffer> {
  if (compression === "none") return bytes;
  const gunzip = createGunzip();
  // What goes wrong reaches the reader through `gunzip`, which pipeline destroys with the reason.
  pipeline(bytes, gunzip).catch(() => undefined);
  return gunzip;
}

/** Of an archive with something that cannot be unpacked, only the first header is needed to know it as one. */
async function beginsAsTar(tar: AsyncIterable<Buffer>): Promise<boolean> {
  const reader = new ByteReader(tar);
  try {
    const block = await reader.read(blockSize);
    return block.length === blockSize && !isEndBlock(block) && isHeader(block);
  } catch {
    return false;
  } finally {
    await reader.close();
  }
}

/** The entries of a tar, their contents put into the spool. `budget`: of an archive that somebody else made. */
export const readTarItems = (
  tar: AsyncIterable<Buffer>,
  spool: Spool,
  budget = new Budget(Number.POSITIVE_INFINITY),
): Promise<ArchiveItem[]> => writing(spool.folder, () => spoolItems(tar, spool, budget));

async function* counted(tar: AsyncIterable<Buffer>, budget: Budget, signal?: AbortSignal): AsyncGenerator<Buffer> {
  const pauses = new Pauses(signal);
  for await (const part of tar) {
    budget.read(part.length);
    yield part;
    await pauses.due();
  }
}

async function spoolItems(tar: AsyncIterable<Buffer>, spool: Spool, budget: Budget): Promise<ArchiveItem[]> {
  const items = new Map<string, ArchiveItem>();
  const file = await spool.open();
  try {
    for await (const content of readTar(tar, "leave")) {
      const path = cleanEntryPath(content.entry.path);
      if (path === undefined) throw new AssembleError(`the archive has an entry that leaves it: ${content.entry.path}`);
      budget.keep(sizeOf(content.entry));
      budget.read(content.holes);
      const item = await itemOf(content, items, file);
      // A name that comes twice counts the last time, at that place.
      items.delete(path);
      items.set(path, { path, ...item });
    }
  } finally {
    await file.close();
  }
  return withLastFacts([...items.values()]);
}

type Item = Omit<ArchiveItem, "path">;

async function itemOf(
  { entry, body }: TarContent,
  items: ReadonlyMap<string, ArchiveItem>,
  file: SpoolFile,
): Promise<Item> {
  const { mode, uid, gid, size, xattrs } = entry;
  const mtime = boundTime(entry.mtime);
  const common = { mode, uid, gid, mtime, size: 0, ...(xattrs && { xattrs }) };
  if (entry.type === "hardlink") return linkedItem(entry, mtime, items);
  if (entry.type === "symlink") return { node: { ...common, type: "symlink", link: entry.linkname ?? "" } };
  if (entry.type !== "file") return { node: { ...common, type: entry.type, ...deviceOf(entry) } };
  const slice = await file.append(body);
  const content = { kind: "slice", file: slice.file, offset: slice.offset, id: slice.digest } as const;
  const identity = `${slice.file}:${slice.offset}:${entry.path}`;
  return { node: { ...common, type: "file", size, content, identity } };
}

/** What an engine cannot give to a file, before 1970 and from 2262 on, becomes 0. */
const boundTime = (mtime: number): number => (mtime < 0 || mtime > 9_223_372_036 ? 0 : mtime);

/** A hard link has mode and owner of its own in the archive, which become those of the one file. */
function linkedItem(entry: TarEntry, mtime: number, items: ReadonlyMap<string, ArchiveItem>): Item {
  const linked = cleanEntryPath(entry.linkname ?? "");
  if (linked === undefined) throw new AssembleError(`the archive has a hard link that leaves it: ${entry.linkname}`);
  const target = items.get(linked)?.node;
  const { mode, uid, gid } = entry;
  const facts = { mode, uid, gid, mtime };
  if (!target) return { linked: { path: linked, facts } };
  return { node: target.type === "file" ? { ...target, ...facts } : target };
}

/** The names of one file have the mode, owner and time that came last. */
function withLastFacts(items: readonly ArchiveItem[]): ArchiveItem[] {
  const last = new Map(
    items.flatMap(({ node }) => (node?.identity === undefined ? [] : [[node.identity, node] as const])),
  );
  return items.map((item) => ({ ...item, ...factsOf(item.node, last) }));
}

function factsOf(node: Node | undefined, last: ReadonlyMap<string, Node>): Item {
  const found = node?.identity === undefined ? undefined : last.get(node.identity);
  return found ? { node: found } : {};
}

const deviceOf = ({ type, devmajor = 0, devminor = 0 }: TarEntry) =>
  type === "character" || type === "block" ? { device: { major: devmajor, minor: devminor } } : {};
