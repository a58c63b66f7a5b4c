import { contentPlace, type FileEntry } from "../files/entry.ts";
import type { FileIndex } from "../files/index.ts";
import { encodeKey } from "../files/record.ts";
import { type Change, changesBetween } from "./changes.ts";

/** The paths that two images of one beginning do not have in the same way. */
export class ChangedPaths {
  /** What has another content, is gone, or is of another type, in the order of the index. */
  readonly replaced: readonly Change[];
  /** Files that the later image alone has, and that give rights to whoever runs them. */
  readonly privileged: readonly FileEntry[];
  /** What is there in both, with other owners or modes. */
  readonly attributes: readonly Change[];
  readonly #touched: readonly string[];

  constructor(before: FileIndex, after: FileIndex) {
    const [replaced, privileged, attributes]: [Change[], FileEntry[], Change[]] = [[], [], []];
    const shadowing: string[] = [];
    for (const change of changesBetween(before, after)) {
      const { path, before: old, after: now } = change;
      if (old && (!now || !isSameContent(old, now))) replaced.push(change);
      if (old && now && !hasSameAttributes(old, now)) attributes.push(change);
      if (!old && now && isPrivileged(now)) privileged.push(now);
      if (!old && isShadowing(path, before)) shadowing.push(path);
    }
    this.replaced = replaced;
    this.privileged = privileged;
    this.attributes = attributes;
    const paths = [...replaced.map(({ path }) => path), ...shadowing].filter((path) => !isByteCode(path));
    this.#touched = paths.map((path) => `${encodeKey(path)} `).sort();
  }

  /** Whether a file has another content, or a folder anything that has, or that stands before something in it. */
  touches(path: string): boolean {
    const key = `${encodeKey(path)} `;
    let [low, high] = [0, this.#touched.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#touched[middle] ?? "") < key) low = middle + 1;
      else high = middle;
    }
    return this.#touched[low]?.startsWith(key) ?? false;
  }
}

/** Python makes it again of a source that is another, and takes none that has no source. */
export const isByteCode = (path: string): boolean => /(?:^|\/)__pycache__(?:\/[^/]*\.pyc)?$/.test(path);

function isSameContent(a: FileEntry, b: FileEntry): boolean {
  if (a.type !== b.type || a.link !== b.link || a.size !== b.size) return false;
  if (a.type === "file") {
    if (a.digest !== undefined || b.digest !== undefined) return a.digest === b.digest;
    const [one, other] = [contentPlace(a), contentPlace(b)];
    return one.layer === other.layer && one.path === other.path;
  }
  return a.device?.major === b.device?.major && a.device?.minor === b.device?.minor;
}

const hasSameAttributes = (a: FileEntry, b: FileEntry): boolean =>
  a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && capabilityOf(a) === capabilityOf(b);

const isPrivileged = (entry: FileEntry): boolean =>
  entry.type === "file" && ((entry.mode & 0o6000) !== 0 || capabilityOf(entry) !== undefined);

export const capabilityOf = (entry: FileEntry | undefined): string | undefined =>
  entry?.xattrs?.["security.capability"];

/**
 * A new file of Python that is imported in the place of one that was there: a package comes before a compiled module, and that before a
 * source. A folder that becomes a package no longer shares its name with other folders.
 */
function isShadowing(path: string, before: FileIndex): boolean {
  const [, stem, isPackage, ending] = /^(.+?)(\/__init__)?(?:\.[^/.]*)?\.(py|so)$/.exec(path) ?? [];
  if (stem === undefined) return false;
  const isThere = (each: string): boolean => before.get(each) !== undefined;
  if (isPackage) return isThere(stem) || isThere(`${stem}.py`) || hasCompiled(stem, before);
  return ending === "so" && isThere(`${stem}.py`);
}

/** The line behind `folder/name.` is the first with that beginning. */
function hasCompiled(stem: string, index: FileIndex): boolean {
  const start = `${encodeKey(stem)}.`;
  for (let line = index.lineFor(Buffer.from(start, "latin1")); line < index.size; line += 1) {
    const key = index.lines.toString("latin1", index.startOf(line), index.lines.indexOf(9, index.startOf(line)));
    if (!key.startsWith(start)) return false;
    if (key.endsWith(".so")) return true;
  }
  return false;
}
