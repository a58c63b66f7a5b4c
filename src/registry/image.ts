import { buffer } from "node:stream/consumers";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { type ImageConfig, parseConfig } from "../oci/config.ts";
import { type Descriptor } from "../oci/descriptor.ts";
import {
  formatPlatforms,
  type ImageIndex,
  type ImageManifest,
  parseIndex,
  parseManifest,
  selectPlatform,
} from "../oci/manifest.ts";
import { isIndexType } from "../oci/media-types.ts";
import { formatPlatform, type Platform } from "../oci/platform.ts";
import { documentLimit, quoteStart } from "../oci/untrusted.ts";
import type { Repository } from "./model.ts";

/** One platform's image as a registry holds it, without its layers. */
export interface RemoteImage {
  /** Of the manifest below. */
  readonly descriptor: Descriptor;
  readonly manifest: ImageManifest;
  readonly config: ImageConfig;
  /** What the tag or digest named: the index where there is one, else the manifest. */
  readonly named: Descriptor;
}

/** Reads manifest and config; undefined when there is no such image. Throws `FailedError` when none is for the platform. */
export async function readImage(
  repository: Repository,
  target: string,
  platform: Platform,
): Promise<RemoteImage | undefined> {
  const found = await readImageManifest(repository, target, platform);
  if (!found) return undefined;
  const config = parseConfig(await readBlob(repository, found.manifest.config, documentLimit));
  return { ...found, config };
}

/** The same without the config, which saves a request. */
export async function readImageManifest(
  repository: Repository,
  target: string,
  platform: Platform,
): Promise<Omit<RemoteImage, "config"> | undefined> {
  const content = await repository.manifests.get(target);
  if (!content) return undefined;
  const { descriptor: named, bytes } = content;
  if (!isIndexType(named.mediaType))
    return { descriptor: named, named, manifest: parseManifest(bytes, named.mediaType) };
  const chosen = choose(
    parseIndex(bytes, named.mediaType),
    platform,
    `${repository.host}/${repository.path}@${named.digest}`,
  );
  const image = await repository.manifests.get(chosen.digest);
  if (!image) throw missing(`${repository.host}/${repository.path}@${chosen.digest}`);
  return { descriptor: image.descriptor, named, manifest: parseManifest(image.bytes, image.descriptor.mediaType) };
}

/** A short blob as a whole. Throws `FailedError` when its descriptor says that it is longer than `limit` bytes. */
export async function readBlob({ blobs }: Pick<Repository, "blobs">, blob: Descriptor, limit: number): Promise<Buffer> {
  if (blob.size > limit) throw tooLong(blob, limit);
  return buffer(await blobs.get(blob));
}

function choose(index: ImageIndex, platform: Platform, name: string): Descriptor {
  const chosen = selectPlatform(index, platform);
  if (chosen && !isIndexType(chosen.mediaType)) return chosen;
  throw new FailedError([
    error("no-such-platform", `${name} has no image for ${formatPlatform(platform)}`, {
      notes: [{ message: `it has: ${quoteStart(formatPlatforms(index) || "nothing", 300).slice(1, -1)}` }],
    }),
  ]);
}

const missing = (name: string): FailedError =>
  new FailedError([error("registry-wrong", `${name} is named by an index but is not there`)]);

const tooLong = (blob: Descriptor, limit: number): FailedError =>
  new FailedError([
    error("registry-wrong", `the blob ${blob.digest} is ${blob.size} bytes long, more than the ${limit} expected`),
  ]);
