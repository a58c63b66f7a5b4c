/** What an archive may have before it is refused: more is taken by no Linux, or written by nobody. */
export const tarLimits = {
  /** Bytes of a path, and of a link's target: `PATH_MAX` without its zero. */
  path: 4095,
  /** Bytes of one extended attribute: `XATTR_SIZE_MAX`. */
  attribute: 65_536,
  /** Extension headers before one entry. */
  extensions: 64,
  /** Bytes of all extension headers before one entry; as much as Go's archive/tar takes of each. */
  extensionBytes: 1024 * 1024,
  /** PAX records of a whole archive: so many, and so many more for each entry. */
  records: 100_000,
  recordsOfEntry: 20,
} as const;
