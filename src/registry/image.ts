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
import { isConfigType, isIndexType } from "../oci/media-types.ts";
import { formatPlatform, normalized, type Platform, runnable } from "../oci/platform.ts";
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
  const index = parseIndex(bytes, named.mediaType);
  const chosen = selectPlatform(index, platform);
  const found = chosen ? await manifestOf(repository, chosen) : await unsaid(repository, index, platform);
  if (found) return { ...found, named };
  throw notFor(platform, index, `${repository.host}/${repository.path}@${named.digest}`);
}

async function manifestOf(repository: Repository, chosen: Descriptor) {
  if (isIndexType(chosen.mediaType)) return undefined;
  const image = await repository.manifests.get(chosen.digest);
  if (!image) throw missing(`${repository.host}/${repository.path}@${chosen.digest}`);
  return { descriptor: image.descriptor, manifest: parseManifest(image.bytes, image.descriptor.mediaType) };
}

/** Of the entries that say no platform, the first whose image says it. */
async function unsaid(repository: Repository, index: ImageIndex, platform: Platform) {
  const [wanted] = runnable(platform);
  for (const entry of index.manifests.filter((each) => !each.platform).slice(0, mostUnsaid)) {
    const found = await manifestOf(repository, entry);
    if (!found || !isConfigType(found.manifest.config.mediaType)) continue;
    const { os, architecture } = normalized(
      parseConfig(await readBlob(repository, found.manifest.config, documentLimit)),
    );
    if (os === wanted?.os && architecture === wanted.architecture) return found;
  }
  return undefined;
}

/** Entries that are looked into: whoever makes an index of hundreds says what they are for. */
const mostUnsaid = 16;

/** A short blob as a whole. Throws `FailedError` when its descriptor says that it is longer than `limit` bytes. */
export async function readBlob({ blobs }: Pick<Repository, "blobs">, blob: Descriptor, limit: number): Promise<Buffer> {
  if (blob.size > limit) throw tooLong(blob, limit);
  return buffer(await blobs.get(blob));
}

const notFor = (platform: Platform, index: ImageIndex, name: string): FailedError =>
  new FailedError([
    error("no-such-platform", `${name} has no image for ${formatPlatform(platform)}`, {
      notes: [{ message: `it has: ${quoteStart(formatPlatforms(index) || "nothing", 300).slice(1, -1)}` }],
    }),
  ]);

const missing = (name: string): FailedError =>
  new FailedError([error("registry-wrong", `${name} is named by an index but is not there`)]);

const tooLong = (blob: Descriptor, limit: number): FailedError =>
  new FailedError([
    error("registry-wrong", `the blob ${blob.digest} is ${blob.size} bytes long, more than the ${limit} expected`),
  ]);
