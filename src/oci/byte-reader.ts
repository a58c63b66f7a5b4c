/** Reads a stream of chunks by numbers of bytes, holding no more than a chunk and what was asked for. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Exactly so many bytes, or fewer where the stream ends. */
  async read(size: number): Promise<Buffer> {
    if (this.#chunk.length >= size) return this.#take(size);
    const parts: Buffer[] = [];
    let missing = size;
    while (missing > 0 && (await this.#fill())) {
      const part = this.#take(missing);
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  /** The next so many bytes where they are at hand, so that nobody has to wait for them. */
  take(size: number): Buffer | undefined {
    return this.#chunk.length >= size ? this.#take(size) : undefined;
  }

  /** The next piece of at most so many bytes; empty only at the end. */
  async readSome(size: number): Promise<Buffer> {
    return (await this.#fill()) ? this.#take(size) : Buffer.alloc(0);
  }

  /** False when the stream ended before. */
  async skip(size: number): Promise<boolean> {
    let left = size;
    while (left > 0) {
      if (!(await this.#fill())) return false;
      left -= this.#take(left).length;
    }
    return true;
  }

  /** Reads to the end, so that a source which checks its bytes there does so. */
  async drain(): Promise<void> {
    while (await this.#fill()) this.#chunk = Buffer.alloc(0);
  }

  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async #fill(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      const next = await this.#chunks.next();
      if (next.done) return false;
      this.#chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    }
    return true;
  }

  #take(size: number): Buffer {
    const part = this.#chunk.subarray(0, size);
    this.#chunk = this.#chunk.subarray(part.length);
    return part;
  }
}
