import { contentPlace, type FileEntry } from "../files/entry.ts";
import type { FileIndex } from "../files/index.ts";
import { encodeKey } from "../files/record.ts";
import { type Change, changesBetween } from "./changes.ts";

/** The paths that two images of one beginning do not have in the same way. */
export class ChangedPaths {
  /** What has another content, is gone, or is of another type, in the order of the index. */
  readonly replaced: readonly Change[];
  /** What the later image alone has. */
  readonly added: readonly FileEntry[];
  /** What is there in both, with another content or other attributes. */
  readonly attributes: readonly Change[];
  readonly #touched: readonly string[];

  constructor(before: FileIndex, after: FileIndex) {
    const [replaced, added, attributes]: [Change[], FileEntry[], Change[]] = [[], [], []];
    for (const change of changesBetween(before, after)) {
      if (!change.before) added.push(change.after as FileEntry);
      else if (!change.after || !isSameContent(change.before, change.after)) replaced.push(change);
      if (change.before && change.after) attributes.push(change);
    }
    this.replaced = replaced;
    this.added = added;
    this.attributes = attributes;
    const shadowing = added.map(({ path }) => path).filter((path) => isShadowing(path, before));
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
