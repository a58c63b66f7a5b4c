import type { TarEntry } from "./tar-entry.ts";

export interface TarContent {
  readonly entry: TarEntry;
  /** The content, to be read before the next entry is asked for; what is left unread is skipped. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * The entries of a tar that came from outside, in its order, in bounded memory. Reads ustar, PAX and GNU long names.
 * Throws `FailedError` for anything broken, cut off, or sparse.
 */
export async function* readTar(_source: AsyncIterable<Uint8Array>): AsyncGenerator<TarContent> {
  throw new Error("not yet");
}
