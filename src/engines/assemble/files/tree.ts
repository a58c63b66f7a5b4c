import type { ContentPlace, Device, FileType } from "../../../files/entry.ts";
import type { Digest } from "../../../oci/digest.ts";

/**
 * Files that can be copied from or onto. Paths as in `files/entry.ts`: no slash at the start, the root is the empty text.
 * Nothing here follows symbolic links; `resolve-path.ts` does.
 */
export interface Tree {
  get(path: string): Node | undefined;
  /** Names in a folder, in the order of their bytes. */
  names(folder: string): readonly string[];
}

export interface Node {
  readonly type: FileType;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 unless it is a file. */
  readonly size: number;
  /** Seconds since the epoch; `fixedTime` where the source has no time that is worth keeping. */
  readonly mtime: number;
  readonly link?: string;
  readonly device?: Device;
  readonly xattrs?: Readonly<Record<string, string>>;
  /** Absent for what is not a file. */
  readonly content?: Content;
  /** Files of one source with the same identity are hard links of each other. */
  readonly identity?: string;
}

/** Where the bytes of a file are. */
export type Content =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  /** A file on this machine that must have this digest when it is read; the path is bytes as in `oci/path-bytes.ts`. */
  | { readonly kind: "disk"; readonly path: string; readonly digest: Digest }
  /** Part of a file that this run made; `id` names the bytes for all runs that make the same. */
  | { readonly kind: "slice"; readonly file: string; readonly offset: number; readonly id: string }
  | { readonly kind: "layer"; readonly layer: SourceLayer; readonly place: ContentPlace };

/** A layer of an image that files are copied from. */
export interface SourceLayer {
  readonly diffId: Digest;
  /** As problems call it. */
  readonly name: string;
  /** The uncompressed tar. */
  open(): Promise<AsyncIterable<Buffer>>;
}

/**
 * The time of everything that comes from a build context and of folders that a copy brings along: 2 January 1980. The
 * same for every build, so that equal files make equal layers, and the first whole day that zip archives can hold in
 * every time zone.
 */
export const fixedTime = 315_619_200;

export const folderNode: Node = { type: "directory", mode: 0o755, uid: 0, gid: 0, size: 0, mtime: fixedTime };
