import type { TarEntryType } from "./tar-entry.ts";

export const blockSize = 512;

/** https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html, "ustar Interchange Format" */
export const fields = {
  name: { start: 0, length: 100 },
  mode: { start: 100, length: 8 },
  uid: { start: 108, length: 8 },
  gid: { start: 116, length: 8 },
  size: { start: 124, length: 12 },
  mtime: { start: 136, length: 12 },
  checksum: { start: 148, length: 8 },
  typeflag: { start: 156, length: 1 },
  linkname: { start: 157, length: 100 },
  magic: { start: 257, length: 8 },
  devmajor: { start: 329, length: 8 },
  devminor: { start: 337, length: 8 },
  prefix: { start: 345, length: 155 },
} as const;

/** Largest numbers that the octal fields hold. */
export const ownerMax = 8 ** 7 - 1;
export const sizeMax = 8 ** 11 - 1;

export const typeFlags: Readonly<Record<TarEntryType, string>> = {
  file: "0",
  hardlink: "1",
  symlink: "2",
  character: "3",
  block: "4",
  directory: "5",
  fifo: "6",
};
