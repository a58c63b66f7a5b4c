import { decodePath, printablePath } from "../oci/path-bytes.ts";
import { cleanEntryPath, readTar, type TarContent, type TarEntry } from "../oci/tar.ts";
import { type Accounts, baseName, type FileEntry, joinPath, parentPath } from "./entry.ts";
import { badLayer } from "./errors.ts";
import { type Budget, limits } from "./limits.ts";
import { encodeKey } from "./record.ts";

/** What one layer does to the layers below it: https://github.com/opencontainers/image-spec/blob/v1.1.1/layer.md */
export interface LayerListing {
  readonly entries: ReadonlyMap<string, ListedEntry>;
  /** Paths of lower layers that are gone. */
  readonly removed: ReadonlySet<string>;
  /** Folders whose content in lower layers is gone. */
  readonly emptied: ReadonlySet<string>;
  readonly accounts: Accounts;
}

/** `linked`: the path of the file that a hard link names. */
export type ListedEntry = Omit<FileEntry, "layer" | "content"> & { readonly linked?: string };

/** Looks at the content of a file while it passes by. */
export type Look = (path: string, content: TarContent) => Promise<Seen>;

/** What becomes of its entry, and the content where it was kept. */
export interface Seen extends Pick<FileEntry, "digest" | "fact"> {
  readonly kept?: Buffer;
}

/** Reads an uncompressed layer to its end, keeping no content but that of `/etc/passwd` and `/etc/group`. Throws `FailedError`. */
export async function readListing(tar: AsyncIterable<Uint8Array>, budget: Budget, look?: Look): Promise<LayerListing> {
  const entries = new Map<string, ListedEntry>();
  const removed = new Set<string>();
  const emptied = new Set<string>();
  const accounts: { passwd?: string; group?: string } = {};
  for await (const content of readTar(tar)) {
    const path = checkedPath(content.entry);
    budget.keep(sizeOf(content.entry));
    const name = baseName(path);
    if (name === ".wh..wh..opq") emptied.add(parentPath(path));
    else if (name.startsWith(".wh..wh.")) continue;
    else if (name.startsWith(".wh.")) removed.add(joinPath(parentPath(path), name.slice(4)));
    else {
      const { kept, ...seen } = look && content.entry.type === "file" ? await look(path, content) : nothingSeen;
      entries.set(path, { ...listed(path, content.entry), ...seen });
      Object.assign(accounts, await readAccount(path, kept ? { entry: content.entry, body: [kept] } : content));
    }
  }
  return { entries, removed, emptied, accounts };
}

const nothingSeen: Seen = {};

function checkedPath(entry: TarEntry): string {
  const path = cleanEntryPath(entry.path);
  if (path === undefined) throw badLayer(`has an entry that leaves the image: ${printablePath(entry.path)}`);
  return path;
}

/** Characters that are written of an entry. */
export const sizeOf = ({ path, linkname, xattrs }: TarEntry): number =>
  encodeKey(path).length + (linkname || xattrs ? JSON.stringify([linkname, xattrs]).length : 0);

function listed(path: string, entry: TarEntry): ListedEntry {
  const { mode, uid, gid, mtime, xattrs } = entry;
  const type = entry.type === "hardlink" ? "file" : entry.type;
  const common = { path, type, mode, uid, gid, size: entry.size, mtime, ...(xattrs && { xattrs }) } as const;
  if (entry.type === "hardlink") return { ...common, linked: cleanEntryPath(entry.linkname ?? "") ?? "" };
  if (entry.type === "symlink") return { ...common, link: entry.linkname ?? "" };
  if (entry.type !== "character" && entry.type !== "block") return common;
  return { ...common, device: { major: entry.devmajor ?? 0, minor: entry.devminor ?? 0 } };
}

async function readAccount(
  path: string,
  { entry, body }: { readonly entry: TarEntry; readonly body: AsyncIterable<Buffer> | Iterable<Buffer> },
): Promise<Accounts> {
  if (entry.type !== "file" || (path !== "etc/passwd" && path !== "etc/group")) return {};
  if (entry.size > limits.accounts) throw badLayer(`has an /${path} of more than ${limits.accounts} bytes`);
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part));
  const text = decodePath(Buffer.concat(parts));
  return path === "etc/passwd" ? { passwd: text } : { group: text };
}
