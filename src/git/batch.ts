import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { gitStream } from "./process.ts";

/**
 * Reads each blob once, all by one process, in parts. Throws `FailedError` when one cannot be read: what an object holds is then
 * not known, which is not the same as empty or changed.
 */
export async function eachBlob(root: string, hashes: readonly string[], open: OpenBlob): Promise<void> {
  const wanted = [...new Set(hashes)];
  if (wanted.length === 0) return;
  const reader = new BatchReader(open);
  const { code, stderr } = await gitStream(root, ["cat-file", "--batch"], `${wanted.join("\n")}\n`, (chunk) =>
    reader.take(chunk),
  );
  const missing = wanted.filter((hash) => !reader.read.has(hash));
  if (missing.length > 0) throw unreadable(missing, stderr, code);
}

function unreadable(hashes: readonly string[], words: string, code: number): FailedError {
  const what = hashes.length === 1 ? `the object ${hashes[0]}` : `${hashes.length} objects, ${hashes[0]} among them`;
  return new FailedError([
    error("unreadable-object", `git cannot read ${what}, so what was committed there is not known`, {
      notes: [{ message: words === "" ? `git cat-file --batch ended with exit code ${code}` : words.slice(0, 2000) }],
      help: "git fsck says what is broken; a fresh clone has it whole",
    }),
  ]);
}

/** Called with hash and size in bytes of each blob, before its content comes in parts. */
type OpenBlob = (hash: string, size: number) => { take(part: Buffer): void; end(): void };

/** Reads `HASH blob SIZE`, a line end, the content, a line end; again and again. */
class BatchReader {
  /** Hashes of the blobs that came as a whole. */
  readonly read = new Set<string>();
  readonly #open: OpenBlob;
  #head = Buffer.alloc(0);
  #current: { readonly hash: string; readonly blob: ReturnType<OpenBlob>; left: number } | undefined;

  constructor(open: OpenBlob) {
    this.#open = open;
  }

  take(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0; ) rest = this.#current ? this.#content(rest) : this.#heading(rest);
  }

  #heading(chunk: Buffer): Buffer {
    const end = chunk.indexOf("\n");
    this.#head = Buffer.concat([this.#head, end === -1 ? chunk : chunk.subarray(0, end)]);
    if (end === -1) return Buffer.alloc(0);
    const [hash = "", kind, size] = this.#head.toString("latin1").trim().split(" ");
    this.#head = Buffer.alloc(0);
    if (kind === "blob") this.#current = { hash, blob: this.#open(hash, Number(size)), left: Number(size) };
    return this.#finish(chunk.subarray(end + 1));
  }

  #content(chunk: Buffer): Buffer {
    const current = this.#current;
    if (!current) return chunk;
    const own = chunk.subarray(0, current.left);
    current.blob.take(own);
    current.left -= own.length;
    return this.#finish(chunk.subarray(own.length));
  }

  /** What follows a content is a line end, which the next heading drops. */
  #finish(rest: Buffer): Buffer {
    if (this.#current?.left !== 0) return rest;
    this.#current.blob.end();
    this.read.add(this.#current.hash);
    this.#current = undefined;
    return rest.length > 0 && rest[0] === 10 ? rest.subarray(1) : rest;
  }
}
