import type { TarEntry } from "./tar-entry.ts";

/** Everything that stands before an entry's content, a multiple of 512 bytes. The same entry gives the same bytes. */
export function encodeTarHeader(_entry: TarEntry): Buffer {
  throw new Error("not yet");
}

/** The zeros that follow `size` bytes of content, up to the next multiple of 512. */
export const tarPadding = (size: number): Buffer => Buffer.alloc((512 - (size % 512)) % 512);

/** The two blocks of zeros that end an archive. */
export const tarEnd = (): Buffer => Buffer.alloc(1024);
