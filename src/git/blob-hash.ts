import { createHash, type Hash } from "node:crypto";

/** The name that git gives a content; `like` is any name of the same repository, which tells SHA-1 from SHA-256. */
export const blobHash = (content: Uint8Array, like: string): string =>
  openBlobHash(content.length, like).update(content).digest("hex");

/** For content that comes in parts; `size` in bytes is all of it. */
export const openBlobHash = (size: number, like: string): Hash =>
  createHash(like.length === sha256Length ? "sha256" : "sha1").update(`blob ${size}\0`);

/** Hexadecimal digits. */
const sha256Length = 64;
