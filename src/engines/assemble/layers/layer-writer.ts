import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { createHasher, type Digest, type Hasher } from "../../../oci/digest.ts";
import { encodeTarHeader, type TarEntry, tarEnd, tarPadding } from "../../../oci/tar.ts";
import { gzipStream } from "../../gzip.ts";
import type { LayerEntry } from "../evaluate/stage-state.ts";
import { contentId, readContent } from "../files/content-reader.ts";
import { takeOut } from "../files/take-out.ts";
import type { Node } from "../files/tree.ts";
import { batched } from "../push/batch.ts";
import { writing } from "./disk-failure.ts";
import type { Spool } from "./spool.ts";

/** A layer in a file of this run, compressed. */
interface SpooledLayer {
  readonly file: string;
  readonly digest: Digest;
  /** Bytes of the compressed file. */
  readonly size: number;
  readonly diffId: Digest;
}

/** Writes layers, each once per run however many images have it. */
export class LayerWriter {
  readonly #spool: Spool;
  readonly #written = new Map<string, Promise<SpooledLayer>>();

  constructor(spool: Spool) {
    this.#spool = spool;
  }

  /** Equal entries with equal contents give the same file, and the same digest on any machine. */
  write(entries: readonly LayerEntry[], signal: AbortSignal): Promise<SpooledLayer> {
    const key = entriesKey(entries);
    const known = this.#written.get(key) ?? writing(this.#spool.folder, () => this.#writeNew(entries, signal));
    this.#written.set(key, known);
    known.catch(() => this.#written.delete(key));
    return known;
  }

  async #writeNew(entries: readonly LayerEntry[], signal: AbortSignal): Promise<SpooledLayer> {
    const ready = await takeOut(entries, this.#spool);
    const file = await this.#spool.newFile();
    const [inner, outer] = [createHasher(), createHasher()];
    await pipeline(
      hashed(batched(tarOf(ready)), inner),
      gzipStream,
      (source: AsyncIterable<Buffer>) => hashed(source, outer),
      createWriteStream(file, { flags: "wx", mode: 0o600 }),
      { signal },
    );
    const { size } = await stat(file);
    return { file, size, digest: outer.end().digest, diffId: inner.end().digest };
  }
}

function entriesKey(entries: readonly LayerEntry[]): string {
  const hash = createHash("sha256");
  for (const { path, node } of entries) {
    const { content, identity, ...rest } = node;
    hash.update(`${JSON.stringify([path, rest, content && contentId(content), identity])}\n`);
  }
  return hash.digest("hex");
}

async function* tarOf(entries: readonly LayerEntry[]): AsyncGenerator<Buffer> {
  const first = new Map<string, string>();
  for (const { path, node } of entries) {
    const earlier = node.identity === undefined ? undefined : first.get(linkKey(node));
    yield encodeTarHeader(tarEntry(path, node, earlier));
    if (earlier !== undefined || node.type !== "file" || !node.content) continue;
    if (node.identity !== undefined) first.set(linkKey(node), path);
    yield* readContent(node.content, node.size);
    yield tarPadding(node.size);
  }
  yield tarEnd();
}

/** Hard links share mode and owner, so files that came to differ in these are no longer one. */
const linkKey = ({ identity, mode, uid, gid }: Node): string => JSON.stringify([identity, mode, uid, gid]);

function tarEntry(path: string, node: Node, earlier: string | undefined): TarEntry {
  const { mode, uid, gid, mtime, xattrs } = node;
  const common = { path, mode, uid, gid, mtime, size: 0, ...(xattrs && { xattrs }) };
  if (earlier !== undefined) return { ...common, type: "hardlink", linkname: earlier };
  if (node.type === "symlink") return { ...common, type: "symlink", linkname: node.link ?? "" };
  if (node.type === "file") return { ...common, type: "file", size: node.size };
  const { major = 0, minor = 0 } = node.device ?? {};
  return { ...common, type: node.type, ...(node.device && { devmajor: major, devminor: minor }) };
}

async function* hashed(source: AsyncIterable<Buffer>, hasher: Hasher): AsyncGenerator<Buffer> {
  for await (const part of source) {
    hasher.update(part);
    yield part;
  }
}
