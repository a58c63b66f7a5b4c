import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join, posix } from "node:path";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { error } from "../../diagnostics/diagnostic.ts";
import { FailedError } from "../../diagnostics/failure.ts";
import { withTemporary } from "../../disk/temporary.ts";
import { canonicalJson } from "../../oci/canonical-json.ts";
import { parseConfig } from "../../oci/config.ts";
import type { Descriptor } from "../../oci/descriptor.ts";
import { createHasher, type Digest, sha256Digest } from "../../oci/digest.ts";
import { oci } from "../../oci/media-types.ts";
import { manifestTarget, parseReferenceOrThrow } from "../../oci/reference.ts";
import { readTar } from "../../oci/tar.ts";
import type { Registry } from "../../registry/model.ts";
import { gzipStream } from "../gzip.ts";
import type { Task } from "../model.ts";
import type { Client } from "./client.ts";
import { saveCommand } from "./commands.ts";

/** Descriptors of layers that are in the destination already, by the digest of their content. */
export type ExportedLayers = Map<Digest, Descriptor>;

/**
 * Takes an image out of an engine's store and puts it where an OCI layout is, as an image of the OCI family with gzip
 * layers; one that an earlier image brought is not compressed again. Returns the digest of the manifest.
 */
export async function exportImage(
  client: Client,
  reference: string,
  destination: Registry,
  exported: ExportedLayers,
  task: Task,
): Promise<Digest> {
  return withTemporary(async (folder) => {
    const archive = join(folder, "image.tar");
    await client.run(saveCommand(reference, archive), task, `${reference} was not taken out of the engine`);
    const saved = await readSaved(archive, reference);
    const named = parseReferenceOrThrow(reference);
    const { repository } = named;
    await sendLayers(
      archive,
      folder,
      saved,
      (blob, file) => destination.repository(repository).blobs.put(blob, () => createReadStream(file)),
      exported,
    );
    const config = { mediaType: oci.config, digest: sha256Digest(saved.config), size: saved.config.length };
    await destination.repository(repository).blobs.put(config, saved.config);
    const layers = saved.layers.map(({ diffId }) => exported.get(diffId) as Descriptor);
    const manifest = canonicalJson({ schemaVersion: 2, mediaType: oci.manifest, config, layers });
    return (await destination.repository(repository).manifests.put(manifestTarget(named), oci.manifest, manifest))
      .digest;
  });
}

/** What `docker save` wrote of one image. */
interface Saved {
  readonly config: Buffer;
  /** Lowest first. */
  readonly layers: readonly { readonly path: string; readonly diffId: Digest }[];
}

/** `manifest.json` of https://github.com/moby/docker-image-spec/blob/v1.3.1/spec.md#combined-image-json--filesystem-changeset-format */
const savedManifest = z.tuple([z.looseObject({ Config: z.string(), Layers: z.array(z.string()) })]);

export async function readSaved(archive: string, reference: string): Promise<Saved> {
  const documents = new Map<string, Buffer>();
  const links = new Map<string, string>();
  for await (const { entry, body } of readTar(createReadStream(archive))) {
    if (entry.type === "symlink") links.set(entry.path, posix.join(posix.dirname(entry.path), entry.linkname ?? ""));
    else if (entry.type === "file" && entry.size <= largestDocument) documents.set(entry.path, await collect(body));
  }
  const [described] = savedManifest.parse(JSON.parse(documents.get("manifest.json")?.toString("utf8") ?? "[]"));
  const config = documents.get(described.Config);
  const diffIds = config === undefined ? [] : parseConfig(config).rootfs.diff_ids;
  if (config === undefined || diffIds.length !== described.Layers.length) throw strange(reference);
  const layers = described.Layers.map((path, at) => ({ path: links.get(path) ?? path, diffId: diffIds[at] as Digest }));
  return { config, layers };
}

/** Bytes. Layers below this size are read once more than needed. */
const largestDocument = 1024 * 1024;

async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part);
  return Buffer.concat(parts);
}

async function sendLayers(
  archive: string,
  folder: string,
  { layers }: Saved,
  send: (blob: Descriptor, file: string) => Promise<void>,
  exported: ExportedLayers,
): Promise<void> {
  const wanted = new Map(
    layers.filter(({ diffId }) => !exported.has(diffId)).map(({ path, diffId }) => [path, diffId]),
  );
  if (wanted.size === 0) return;
  for await (const { entry, body } of readTar(createReadStream(archive))) {
    const diffId = wanted.get(entry.path);
    if (diffId === undefined || exported.has(diffId)) continue;
    const file = join(folder, "layer");
    const blob = await compress(body, file);
    await send(blob, file);
    await rm(file);
    exported.set(diffId, blob);
  }
}

/** Some engines save their layers compressed already; these are taken as they are. */
async function compress(body: AsyncIterable<Buffer>, file: string): Promise<Descriptor> {
  const hasher = createHasher();
  const [first, whole] = await peek(body);
  const isGzip = first[0] === 0x1f && first[1] === 0x8b;
  await pipeline(
    isGzip ? whole : gzipStream(whole),
    async function* (parts: AsyncIterable<Buffer>) {
      for await (const part of parts) {
        hasher.update(part);
        yield part;
      }
    },
    createWriteStream(file, { flags: "wx", mode: 0o600 }),
  );
  return { mediaType: oci.layerGzip, ...hasher.end() };
}

export async function peek(body: AsyncIterable<Buffer>): Promise<[Buffer, AsyncIterable<Buffer>]> {
  const iterator = body[Symbol.asyncIterator]();
  const start = await iterator.next();
  const first = start.done ? Buffer.alloc(0) : start.value;
  async function* whole(): AsyncGenerator<Buffer> {
    yield first;
    for (let next = await iterator.next(); !next.done; next = await iterator.next()) yield next.value;
  }
  return [first, whole()];
}

const strange = (reference: string): FailedError =>
  new FailedError([
    error("engine-answer", `what the engine saved of ${reference} is not an image as Docker writes it`),
  ]);
