import { badLayer } from "./errors.ts";

/** What an image may have before we refuse to index it: a hostile layer must not exhaust the memory. */
export const limits = {
  /** Layers of one image: as many as overlayfs stacks. */
  layers: 500,
  /** Bytes of all lines of one index. */
  text: 512 * 1024 * 1024,
  /** Bytes of a compressed index. */
  compressed: 64 * 1024 * 1024,
  /** Bytes of `/etc/passwd` and of `/etc/group`. */
  accounts: 1024 * 1024,
} as const;

const mebibyte = 1024 * 1024;

/** Bytes that a compressed size may become when it is decompressed: a file of zeros becomes a thousandth. */
export const mostBytes = (compressed: number): number => 256 * mebibyte + 100 * compressed;

/** The same of an archive that ADD unpacks, each byte of which is written, hashed and packed again. */
export const mostUnpacked = (compressed: number): number => 512 * mebibyte + 40 * compressed;

/** Bytes of memory that what is kept of layers may take. */
const mostMemory = (compressed: number): number => 64 * mebibyte + 6 * Math.max(0, compressed - 16 * mebibyte);

/** Bytes of an index that somebody made of layers of this compressed size: what we would make of them is no longer. */
export const mostText = (compressed: number): number => Math.min(limits.text, mostMemory(compressed) / 2);

/**
 * What reading entries may cost: a little more than small images need, and beyond that what their compressed size can account for. So
 * a layer of a few megabytes cannot fill the memory or keep the processor busy, however it was made.
 */
export class Budget {
  #bytes: number;
  #memory: number;
  #steps: number;
  #refuse: (why: string) => Error;

  /** `compressed`: bytes of everything that will be read, as it is stored; `bytes`: what they may become. */
  constructor(
    compressed: number,
    refuse: (why: string) => Error = badLayer,
    bytes = mostBytes(compressed) + 768 * mebibyte,
  ) {
    this.#bytes = bytes;
    this.#memory = mostMemory(compressed);
    this.#steps = 500_000 + compressed / 16;
    this.#refuse = refuse;
  }

  /** Decompressed bytes that were read. */
  read(bytes: number): void {
    this.#bytes -= bytes;
    if (this.#bytes < 0) throw this.#refuse("becomes much longer than its compressed size can account for");
  }

  /** An entry with so many characters of path, link and attributes, of which up to three copies are in memory at times. */
  keep(characters: number): void {
    this.#memory -= 500 + 3 * characters;
    if (this.#memory < 0) throw this.#refuse("has more entries, names and attributes than its size can account for");
  }

  /** A name of a path that was looked up to follow links: one, and as many more as the path up to it is long. */
  step(path: string): void {
    this.#steps -= 1 + path.length / 32;
    if (this.#steps < 0) throw this.#refuse("has paths and links that take too long to follow");
  }
}
