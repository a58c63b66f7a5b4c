/** What an image may have before we refuse to index it: a hostile layer must not exhaust the memory. */
export const limits = {
  /** Files, folders and links of one image. */
  entries: 4_000_000,
  /** Bytes of one path. */
  path: 8192,
  /** Bytes of all lines of one index. */
  text: 512 * 1024 * 1024,
  /** Bytes of a compressed index. */
  compressed: 64 * 1024 * 1024,
  /** Bytes of `/etc/passwd` and of `/etc/group`. */
  accounts: 1024 * 1024,
} as const;
