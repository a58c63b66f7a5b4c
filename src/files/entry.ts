/** What a base image has at one path, without its content. */
export interface FileEntry {
  /** Names joined by `/`, without a slash at the start; the root is the empty text. Bytes as in `oci/path-bytes.ts`. */
  readonly path: string;
  readonly type: FileType;
  /** At most 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 unless it is a file. */
  readonly size: number;
  /** Whole seconds since the epoch. */
  readonly mtime: number;
  /** Target of a symbolic link. */
  readonly link?: string;
  readonly device?: Device;
  readonly xattrs?: Readonly<Record<string, string>>;
  /** Number of the layer that the entry comes from; the lowest is 0. */
  readonly layer: number;
  /**
   * Where in the layers the content of a file is, when it is a hard link to another name. Two entries with the same
   * content place are one file.
   */
  readonly content?: ContentPlace;
  /** sha256 of the content in base64url, where it was asked for. */
  readonly digest?: string;
  /** Number of what was learned of the content, among the facts of the layer that the content is in. */
  readonly fact?: number;
}

export type FileType = "file" | "directory" | "symlink" | "character" | "block" | "fifo";

export interface Device {
  readonly major: number;
  readonly minor: number;
}

export interface ContentPlace {
  readonly layer: number;
  readonly path: string;
}

/** Where the content of a file is in the layers of its image. */
export const contentPlace = (entry: FileEntry): ContentPlace =>
  entry.content ?? { layer: entry.layer, path: entry.path };

/** The texts of `/etc/passwd` and `/etc/group`, bytes as in `oci/path-bytes.ts`; absent where there is no such file. */
export interface Accounts {
  readonly passwd?: string | undefined;
  readonly group?: string | undefined;
}

/** The path of the folder that holds a path; the root holds itself. */
export const parentPath = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf("/")));

export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

export const joinPath = (folder: string, name: string): string => (folder === "" ? name : `${folder}/${name}`);
