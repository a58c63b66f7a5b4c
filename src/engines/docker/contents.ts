import { createReadStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { FactsCache } from "../../contents/cache.ts";
import type { ReadLayer } from "../../contents/model.ts";
import { readAndKeep } from "../../contents/obtain.ts";
import { FailedError } from "../../diagnostics/failure.ts";
import { withTemporary } from "../../disk/temporary.ts";
import { openLayer } from "../../files/decompress.ts";
import { Budget } from "../../files/limits.ts";
import { parseConfig } from "../../oci/config.ts";
import type { Digest } from "../../oci/digest.ts";
import { oci } from "../../oci/media-types.ts";
import { readTar } from "../../oci/tar.ts";
import type { BuiltContents, Task } from "../model.ts";
import type { Client } from "./client.ts";
import { saveCommand } from "./commands.ts";
import { peek, readSaved } from "./export.ts";

interface Reading {
  readonly known: ReadonlySet<Digest>;
  readonly cache: FactsCache;
}

/** What is in an image of an engine's store, which hands out whole images alone. */
export async function savedContents(
  client: Client,
  reference: string,
  { known, cache }: Reading,
  task: Task,
): Promise<BuiltContents> {
  return withTemporary(async (folder) => {
    const archive = join(folder, "image.tar");
    await client.run(saveCommand(reference, archive), task, `${reference} was not taken out of the engine`);
    const saved = await readSaved(archive, reference);
    const wanted = saved.layers.filter(({ diffId }) => !known.has(diffId));
    const found = new Map<Digest, ReadLayer>();
    for (const { diffId } of wanted) {
      const cached = await cache.get(diffId);
      if (cached) found.set(diffId, cached);
    }
    const missing = new Map(wanted.flatMap(({ path, diffId }) => (found.has(diffId) ? [] : [[path, diffId]])));
    if (missing.size > 0) await readLayers(archive, missing, found, cache, task.signal);
    return {
      config: parseConfig(saved.config),
      layers: wanted.map(({ diffId }) => found.get(diffId) ?? { diffId, problem: "the engine has not saved it" }),
    };
  });
}

async function readLayers(
  archive: string,
  missing: ReadonlyMap<string, Digest>,
  found: Map<Digest, ReadLayer>,
  cache: FactsCache,
  signal: AbortSignal,
): Promise<void> {
  for await (const { entry, body } of readTar(createReadStream(archive, { signal }))) {
    const diffId = missing.get(entry.path);
    if (diffId === undefined || found.has(diffId)) continue;
    found.set(diffId, await readLayer(body, entry.size, diffId, cache, signal));
  }
}

/** Some engines save their layers compressed already. */
async function readLayer(
  body: AsyncIterable<Buffer>,
  size: number,
  diffId: Digest,
  cache: FactsCache,
  signal: AbortSignal,
): Promise<ReadLayer> {
  const [first, whole] = await peek(body);
  const mediaType = first[0] === 0x1f && first[1] === 0x8b ? oci.layerGzip : oci.layer;
  try {
    const tar = openLayer({ mediaType, size }, Readable.from(whole, { objectMode: false }), signal);
    return (await readAndKeep({ tar, diffId, budget: new Budget(size) }, cache)).facts;
  } catch (cause) {
    if (cause instanceof FailedError) return { diffId, problem: cause.message };
    throw cause;
  }
}
