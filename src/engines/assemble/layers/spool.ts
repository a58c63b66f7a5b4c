import { createReadStream } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { makeTemporary, type TemporaryFolder } from "../../../disk/temporary.ts";
import { createHasher, type Digest } from "../../../oci/digest.ts";

/** Where the bytes of one file are in the spool. */
interface Slice {
  readonly file: string;
  readonly offset: number;
  readonly size: number;
  readonly digest: Digest;
}

/** What a run takes out of archives and images, one file after the other; and the layers it makes. */
export class Spool {
  /** Where the spool's own folder is made, when the first file is. */
  readonly folder: string;
  #own: Promise<TemporaryFolder> | undefined;
  readonly #handles = new Set<FileHandle>();
  #count = 0;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Path of a file that is not there yet; to be made exclusively. */
  async newFile(): Promise<string> {
    this.#own ??= makeTemporary(this.folder);
    return join((await this.#own).path, `${(this.#count += 1)}`);
  }

  /** A file that bytes can be appended to, one `append` at a time. */
  async open(): Promise<SpoolFile> {
    const file = await this.newFile();
    const handle = await open(file, "wx", 0o600);
    this.#handles.add(handle);
    return new SpoolFile(file, handle, () => this.#handles.delete(handle));
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#handles].map((handle) => handle.close().catch(() => undefined)));
    const own = await this.#own?.catch(() => undefined);
    await own?.remove();
  }
}

export class SpoolFile {
  readonly #file: string;
  readonly #handle: FileHandle;
  readonly #closed: () => void;
  #offset = 0;

  constructor(file: string, handle: FileHandle, closed: () => void) {
    this.#file = file;
    this.#handle = handle;
    this.#closed = closed;
  }

  async append(bytes: AsyncIterable<Uint8Array>): Promise<Slice> {
    const hasher = createHasher();
    const offset = this.#offset;
    for await (const part of bytes) {
      hasher.update(part);
      await this.#handle.writev([part]);
      this.#offset += part.length;
    }
    return { file: this.#file, offset, ...hasher.end() };
  }

  async close(): Promise<void> {
    this.#closed();
    await this.#handle.close();
  }
}

export const readSlice = (file: string, offset: number, size: number): AsyncIterable<Buffer> =>
  size === 0 ? noBytes() : createReadStream(file, { start: offset, end: offset + size - 1 });

async function* noBytes(): AsyncGenerator<Buffer> {
  // Nothing: a read stream of no bytes cannot be asked for.
}
