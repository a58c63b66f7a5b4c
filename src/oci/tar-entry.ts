export type TarEntryType = "file" | "directory" | "symlink" | "hardlink" | "character" | "block" | "fifo";

/** One entry of a tar, without its content. Every text is bytes in the sense of `path-bytes.ts`. */
export interface TarEntry {
  readonly type: TarEntryType;
  /** Without the slash at the end that a directory has in the archive; otherwise as written, `./` and `..` included. */
  readonly path: string;
  /** Permission, setuid, setgid and sticky bits: at most 0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes of content; 0 unless it is a file. */
  readonly size: number;
  /** Whole seconds since the epoch. */
  readonly mtime: number;
  /** The target of a link; of a hard link, the path of an earlier entry. */
  readonly linkname?: string;
  readonly devmajor?: number;
  readonly devminor?: number;
  /** Extended attributes by name (`security.capability`); values are bytes in the sense of `path-bytes.ts`. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

/**
 * A path inside of a root as `/`-joined names: `./a//b/` is `a/b`, `/etc` is `etc`, the root itself is the empty text.
 * Undefined when it climbs out of the root.
 */
export function cleanEntryPath(path: string): string | undefined {
  const names: string[] = [];
  for (const name of path.split("/")) {
    if (name === "..") {
      if (names.pop() === undefined) return undefined;
    } else if (name !== "" && name !== ".") {
      names.push(name);
    }
  }
  return names.join("/");
}
