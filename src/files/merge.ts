import type { Digest } from "../oci/digest.ts";
import { type Accounts, contentPlace, type FileEntry, joinPath, parentPath } from "./entry.ts";
import { badLayer } from "./errors.ts";
import { FileIndex } from "./index.ts";
import { limits } from "./limits.ts";
import type { LayerListing, ListedEntry } from "./listing.ts";
import { encodeKey, encodeRecord } from "./record.ts";

/** The index of an image that has one layer more than `base`. */
export function addLayer(base: FileIndex, diffId: Digest, listing: LayerListing): FileIndex {
  const added = placeEntries(base, listing);
  const lines = new LineWriter();
  const news = [...added.values()].map((entry) => ({ key: encodeKey(entry.path), entry })).sort(byKey);
  let next = 0;
  for (const old of remaining(base, listing, added)) {
    const key = encodeKey(old.path);
    for (let head = news[next]; head && head.key < key; head = news[(next += 1)]) lines.add(head.entry);
    lines.add(old);
  }
  for (const { entry } of news.slice(next)) lines.add(entry);
  return new FileIndex([...base.layers, diffId], mergeAccounts(base.accounts, listing), lines.end());
}

const byKey = (a: { key: string }, b: { key: string }): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);

/** The layer's entries at the paths where an engine puts them: a parent that is a symbolic link is followed. */
function placeEntries(base: FileIndex, listing: LayerListing): Map<string, FileEntry> {
  const added = new Map<string, FileEntry>();
  const layer = base.layers.length;
  for (const entry of listing.entries.values()) {
    const path = placePath(entry.path, base, added, layer);
    added.set(path, placed({ ...entry, path }, layer, added, base));
  }
  return added;
}

/** Follows links among the parents and adds the folders that the layer leaves out. */
function placePath(path: string, base: FileIndex, added: Map<string, FileEntry>, layer: number): string {
  if (path === "") return path;
  const parent = parentPath(path);
  const name = path.slice(parent === "" ? 0 : parent.length + 1);
  if (parent === "") return name;
  const seen = added.get(parent);
  if (seen?.type === "directory") return path;
  return joinPath(resolveParent(parent.split("/"), base, added, layer), name);
}

function resolveParent(
  names: readonly string[],
  base: FileIndex,
  added: Map<string, FileEntry>,
  layer: number,
): string {
  let at = "";
  const left = [...names];
  for (let links = 0; left.length > 0; ) {
    const name = left.shift() ?? "";
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = parentPath(at);
      continue;
    }
    const path = joinPath(at, name);
    const entry = added.get(path) ?? base.get(path);
    if (entry?.type === "symlink" && (links += 1) <= 40) {
      left.unshift(...(entry.link ?? "").split("/"));
      if (entry.link?.startsWith("/")) at = "";
      continue;
    }
    if (entry?.type !== "directory") added.set(path, { ...missingFolder, path, layer });
    at = path;
  }
  return at;
}

const missingFolder = { type: "directory", mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 } as const;

function placed(
  { linked, ...entry }: ListedEntry,
  layer: number,
  added: ReadonlyMap<string, FileEntry>,
  base: FileIndex,
): FileEntry {
  if (linked === undefined) return { ...entry, layer };
  const target = added.get(linked) ?? base.get(linked);
  if (!target) throw badLayer(`has a hard link to a file that is not there: ${linked}`);
  return { ...target, path: entry.path, layer, ...(target.type === "file" && { content: contentPlace(target) }) };
}

/** The entries of the lower layers that this layer neither replaces nor removes. */
function* remaining(
  base: FileIndex,
  { removed, emptied }: LayerListing,
  added: ReadonlyMap<string, FileEntry>,
): Generator<FileEntry> {
  let hidden: string | undefined;
  for (const entry of base.under("")) {
    if (hidden !== undefined && entry.path.startsWith(hidden)) continue;
    hidden = undefined;
    const replacement = added.get(entry.path);
    const gone = removed.has(entry.path);
    if (gone || emptied.has(entry.path) || (replacement && replacement.type !== "directory")) hidden = `${entry.path}/`;
    if (!gone && !replacement && !(emptied.has("") && !entry.path.includes("/"))) yield entry;
  }
}

function mergeAccounts(base: Accounts, listing: LayerListing): Accounts {
  const kept = (path: string): boolean =>
    !listing.entries.has(path) &&
    ![path, "etc"].some((each) => listing.removed.has(each)) &&
    !listing.emptied.has("etc");
  return {
    ...(base.passwd !== undefined && kept("etc/passwd") && { passwd: base.passwd }),
    ...(base.group !== undefined && kept("etc/group") && { group: base.group }),
    ...listing.accounts,
  };
}

/** Joins lines in pieces, so that a long index is never one long text. */
class LineWriter {
  readonly #parts: Buffer[] = [];
  #lines: string[] = [];
  #size = 0;

  add(entry: FileEntry): void {
    if (this.#lines.push(encodeRecord(entry)) >= 4096) this.#flush();
  }

  end(): Buffer {
    this.#flush();
    return Buffer.concat(this.#parts);
  }

  #flush(): void {
    if (this.#lines.length === 0) return;
    const part = Buffer.from(`${this.#lines.join("\n")}\n`, "latin1");
    this.#size += part.length;
    if (this.#size > limits.text) throw badLayer(`brings the image to an index of more than ${limits.text} bytes`);
    this.#parts.push(part);
    this.#lines = [];
  }
}
