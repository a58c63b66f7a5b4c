import { ZSTDDecoder } from "zstddec/stream";
import { badLayer } from "./errors.ts";

/**
 * The content of zstd frames (RFC 8878), one after the other, in the memory of their window: 128 MiB at most, as the zstd program has
 * it. Throws `FailedError` for anything else.
 */
export async function* decompressZstd(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  const stream = new ZstdStream(await library());
  try {
    for await (const part of source) yield* stream.decompress(part);
    if (!stream.isComplete) throw badLayer("ends within its zstd data");
  } finally {
    stream.close();
  }
}

/** What the library's own decoder calls, which cannot wait for more input: zstd.h, streaming decompression. */
interface Zstd {
  readonly memory: { readonly buffer: ArrayBuffer };
  malloc(size: number): number;
  free(at: number): void;
  ZSTD_createDCtx(): number;
  ZSTD_freeDCtx(context: number): void;
  /** 0 at the end of a frame, a number below zero for an error. */
  ZSTD_decompressStream(context: number, output: number, input: number): number;
}

/** Loaded when the first layer needs it: that takes a tenth of a second. */
function library(): Promise<Zstd> {
  loaded ??= new Library().init().then(() => Library.exports as Zstd);
  return loaded;
}

let loaded: Promise<Zstd> | undefined;

/** Sees the WebAssembly instance when it is there. */
class Library extends ZSTDDecoder {
  static exports: Zstd | undefined;

  override _init(source: Parameters<ZSTDDecoder["_init"]>[0]): void {
    Library.exports = (source as unknown as { instance: { exports: Zstd } }).instance.exports;
    super._init(source);
  }
}

const pieceSize = 128 * 1024;
/** Address, size and position: `ZSTD_inBuffer` and `ZSTD_outBuffer`, 32 bits each. */
const bufferSize = 12;

class ZstdStream {
  /** Nothing of a frame is missing. */
  isComplete = false;
  readonly #zstd: Zstd;
  readonly #context: number;
  readonly #memory: number;

  constructor(zstd: Zstd) {
    this.#zstd = zstd;
    this.#context = zstd.ZSTD_createDCtx();
    this.#memory = zstd.malloc(2 * bufferSize + 2 * pieceSize);
    if (this.#context === 0 || this.#memory === 0) throw badLayer("needs more memory than there is");
  }

  *decompress(bytes: Uint8Array): Generator<Buffer> {
    for (let at = 0; at < bytes.length; at += pieceSize) yield* this.#piece(bytes.subarray(at, at + pieceSize));
  }

  close(): void {
    this.#zstd.free(this.#memory);
    this.#zstd.ZSTD_freeDCtx(this.#context);
  }

  *#piece(bytes: Uint8Array): Generator<Buffer> {
    const input = this.#memory;
    const output = input + bufferSize;
    const inputBytes = output + bufferSize;
    const outputBytes = inputBytes + pieceSize;
    this.#set(input, inputBytes, bytes.length);
    Buffer.from(this.#zstd.memory.buffer).set(bytes, inputBytes);
    for (let isFull = false; isFull || this.#position(input) < bytes.length; ) {
      this.#set(output, outputBytes, pieceSize);
      const result = this.#zstd.ZSTD_decompressStream(this.#context, output, input);
      if (result < 0) throw badLayer(`is not what zstd writes: ${errors.get(-result) ?? `error ${-result}`}`);
      this.isComplete = result === 0;
      const made = this.#position(output);
      if (made > 0) yield Buffer.copyBytesFrom(new Uint8Array(this.#zstd.memory.buffer, outputBytes, made));
      isFull = made === pieceSize && !this.isComplete;
    }
  }

  #set(at: number, address: number, size: number): void {
    const view = new DataView(this.#zstd.memory.buffer);
    for (const [field, value] of [address, size, 0].entries()) view.setUint32(at + 4 * field, value, true);
  }

  #position = (at: number): number => new DataView(this.#zstd.memory.buffer).getUint32(at + 8, true);
}

/** zstd_errors.h */
const errors: ReadonlyMap<number, string> = new Map([
  [10, "it is of another format"],
  [16, "its window is larger than 128 MiB"],
  [20, "it is corrupted"],
  [22, "its checksum is wrong"],
  [32, "it needs a dictionary"],
  [64, "it needs more memory than there is"],
]);
