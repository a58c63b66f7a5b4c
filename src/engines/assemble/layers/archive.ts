import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { Budget } from "../../../files/limits.ts";
import { sizeOf } from "../../../files/listing.ts";
import { Pauses } from "../../../files/pauses.ts";
import { cleanEntryPath, readTar, type TarContent, type TarEntry } from "../../../oci/tar.ts";
import { AssembleError } from "../evaluate/assemble-error.ts";
import { readContent } from "../files/content-reader.ts";
import type { ArchiveItem } from "../files/sources.ts";
import type { Node } from "../files/tree.ts";
import { writing } from "./disk-failure.ts";
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
  if (!(await beginsAsTar(file, compression))) return undefined;
  const budget = new Budget(file.size, (why) => new AssembleError(`the archive ${why}`));
  return readTarItems(counted(openTar(file, compression), budget, signal), spool, budget);
}

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

function openTar(file: Node, compression: Compression): AsyncIterable<Buffer> {
  if (compression === "none") return bytesOf(file);
  const gunzip = createGunzip();
  // What goes wrong reaches the reader through `gunzip`, which pipeline destroys with the reason.
  pipeline(bytesOf(file), gunzip).catch(() => undefined);
  return gunzip;
}

async function beginsAsTar(file: Node, compression: Compression): Promise<boolean> {
  try {
    for await (const _ of readTar(openTar(file, compression))) return true;
    return false;
  } catch {
    return false;
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
  const items = new Map<string, Node>();
  const file = await spool.open();
  try {
    for await (const content of readTar(tar)) {
      const path = cleanEntryPath(content.entry.path);
      if (path === undefined) throw new AssembleError(`the archive has an entry that leaves it: ${content.entry.path}`);
      budget.keep(sizeOf(content.entry));
      const node = await nodeOf(content, items, file);
      // A name that comes twice counts the last time, at that place.
      items.delete(path);
      items.set(path, node);
    }
  } finally {
    await file.close();
  }
  return [...items].map(([path, node]) => ({ path, node }));
}

async function nodeOf({ entry, body }: TarContent, items: ReadonlyMap<string, Node>, file: SpoolFile): Promise<Node> {
  const { mode, uid, gid, size, mtime, xattrs } = entry;
  const common = { mode, uid, gid, mtime, size: 0, ...(xattrs && { xattrs }) };
  if (entry.type === "hardlink") return linkedNode(entry, items);
  if (entry.type === "symlink") return { ...common, type: "symlink", link: entry.linkname ?? "" };
  if (entry.type !== "file") return { ...common, type: entry.type, ...deviceOf(entry) };
  const slice = await file.append(body);
  const content = { kind: "slice", file: slice.file, offset: slice.offset, id: slice.digest } as const;
  return { ...common, type: "file", size, content, identity: `${slice.file}:${slice.offset}:${entry.path}` };
}

function linkedNode(entry: TarEntry, items: ReadonlyMap<string, Node>): Node {
  const target = items.get(cleanEntryPath(entry.linkname ?? "") ?? "");
  if (!target) throw new AssembleError(`the archive has a hard link to what is not there before it: ${entry.linkname}`);
  return target;
}

const deviceOf = ({ type, devmajor = 0, devminor = 0 }: TarEntry) =>
  type === "character" || type === "block" ? { device: { major: devmajor, minor: devminor } } : {};
