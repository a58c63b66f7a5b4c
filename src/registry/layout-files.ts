import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import { type Digest, sha256Digest } from "../oci/digest.ts";
import {
  blobFolder,
  blobPath,
  emptyLayoutIndex,
  encodeLayoutIndex,
  indexPath,
  layoutFile,
  parseLayoutIndex,
} from "../oci/layout.ts";
import type { ImageIndex } from "../oci/manifest.ts";
import { documentLimit } from "../oci/untrusted.ts";
import type { BlobSource } from "./model.ts";
import { verified } from "./verified.ts";

/** The files of an OCI image layout. A file that others may read is complete: it is written beside and renamed. */
export class LayoutFiles {
  readonly #directory: string;
  #changes: Promise<unknown> = Promise.resolve();

  static async open(directory: string): Promise<LayoutFiles> {
    const files = new LayoutFiles(directory);
    const names = await attempt(directory, () => readdir(directory)).catch(absentAs<string[]>([]));
    if (names.length > 0 && !names.includes(layoutFile.path)) throw otherFolder(directory);
    if (names.includes(layoutFile.path)) return files;
    await attempt(directory, () => mkdir(join(directory, blobFolder), { recursive: true }));
    await files.#writeFile(indexPath, encodeLayoutIndex(emptyLayoutIndex));
    await files.#writeFile(layoutFile.path, Buffer.from(layoutFile.content));
    return files;
  }

  private constructor(directory: string) {
    this.#directory = directory;
  }

  async readIndex(): Promise<ImageIndex> {
    const bytes = await this.readDocument(indexPath);
    return bytes ? parseLayoutIndex(bytes) : emptyLayoutIndex;
  }

  /** One change after the other; each sees what the one before has written. */
  async changeIndex(change: (index: ImageIndex) => ImageIndex): Promise<void> {
    const done = this.#changes
      .catch(() => undefined)
      .then(async () => this.#writeFile(indexPath, encodeLayoutIndex(change(await this.readIndex()))));
    this.#changes = done;
    await done;
  }

  /** A short file, checked; undefined when it is not there or too long to be a document. */
  async readDocument(path: string, digest?: Digest): Promise<Buffer | undefined> {
    const full = join(this.#directory, path);
    const found = await attempt(full, () => stat(full)).catch(absentAs(undefined));
    if (!found || found.size > documentLimit) return undefined;
    const bytes = await attempt(full, () => readFile(full));
    if (digest && sha256Digest(bytes) !== digest)
      throw broken(full, "its content does not have the digest that is its name");
    return bytes;
  }

  async sizeOf(digest: Digest): Promise<number | undefined> {
    const full = join(this.#directory, blobPath(digest));
    return (await attempt(full, () => stat(full)).catch(absentAs(undefined)))?.size;
  }

  async readBlob(blob: Descriptor): Promise<Readable> {
    const full = join(this.#directory, blobPath(blob.digest));
    if ((await this.sizeOf(blob.digest)) === undefined) throw broken(full, `there is no blob ${blob.digest}`);
    return Readable.from(
      verified(createReadStream(full), blob, (why) => broken(full, why)),
      { objectMode: false },
    );
  }

  async writeBlob(blob: Descriptor, source: BlobSource): Promise<void> {
    if ((await this.sizeOf(blob.digest)) === blob.size) return;
    const path = blobPath(blob.digest);
    const parts = source instanceof Uint8Array ? [Buffer.from(source)] : source();
    await this.#writeFile(
      path,
      verified(parts, blob, (why) => broken(join(this.#directory, path), why)),
    );
  }

  async removeBlob(digest: Digest): Promise<void> {
    await rm(join(this.#directory, blobPath(digest)), { force: true });
  }

  async #writeFile(path: string, content: Buffer | AsyncIterable<Buffer>): Promise<void> {
    const full = join(this.#directory, path);
    const beside = join(this.#directory, `.${randomUUID()}.tmp`);
    try {
      await attempt(full, () => writeSafely(beside, content));
      await attempt(full, () => rename(beside, full));
    } catch (failure) {
      await rm(beside, { force: true });
      throw failure;
    }
  }
}

async function writeSafely(path: string, content: Buffer | AsyncIterable<Buffer>): Promise<void> {
  const file = await open(path, "wx", 0o644);
  try {
    await writeFile(file, content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Says which file an error of the system is about; "no such file" stays what it is for those who expect it. */
async function attempt<T>(path: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (cause) {
    if (cause instanceof FailedError) throw cause;
    throw broken(path, cause instanceof Error ? cause.message : String(cause), cause);
  }
}

function absentAs<T>(value: T): (failure: unknown) => T {
  return (failure) => {
    const cause = failure instanceof Error ? failure.cause : undefined;
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return value;
    throw failure;
  };
}

const broken = (path: string, why: string, cause?: unknown): FailedError =>
  new FailedError([error("layout-file", `the image layout's file ${path} cannot be used: ${why}`)], { cause });

const otherFolder = (directory: string): RefusedError =>
  new RefusedError([
    error("not-a-layout", `${directory} is not empty and not an OCI image layout`, {
      help: "name a folder that is new, empty, or an image layout",
    }),
  ]);
