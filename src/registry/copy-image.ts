import { Readable } from "node:stream";
import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { type ImageManifest, parseIndex, parseManifest } from "../oci/manifest.ts";
import { isIndexType, isManifestType } from "../oci/media-types.ts";
import { RegistryFailure } from "./failures.ts";
import type { Repository } from "./model.ts";

/** Copies images from one registry to another, or from one place of it to another: the same bytes, and so the same digests. */
export interface ImageCopier {
  /**
   * An image with everything in it, then what is attached to it, each manifest after all that it names: of a copy that was broken
   * off nothing is there that is not whole. What is there is not sent again. Throws `FailedError`.
   */
  copy(from: Repository, to: Repository, digest: Digest): Promise<void>;
}

/** Layers pass by in pieces, and none is kept. Repositories of the registry that were given a layer hand it on to others. */
export function createCopier(signal: AbortSignal): ImageCopier {
  const holders = new Map<string, Promise<string>>();
  const context = { holders, signal };
  return {
    async copy(from, to, digest) {
      await copyManifest({ ...context, from, to }, digest);
      for (const each of await from.listings.referrers(digest))
        await copyManifest({ ...context, from, to }, each.digest);
    },
  };
}

interface Copying {
  readonly from: Repository;
  readonly to: Repository;
  /** A repository of the registry that has a blob, or is being sent it, by host and digest. */
  readonly holders: Map<string, Promise<string>>;
  readonly signal: AbortSignal;
}

/** Indexes in indexes. */
const deepest = 3;

async function copyManifest(copying: Copying, digest: Digest, depth = 0): Promise<void> {
  const { from, to, signal } = copying;
  signal.throwIfAborted();
  if ((await to.manifests.head(digest))?.digest === digest) return;
  const content = await from.manifests.get(digest);
  if (content === undefined || depth > deepest) throw gone(from, digest);
  const { bytes, descriptor } = content;
  if (isIndexType(descriptor.mediaType)) {
    for (const each of parseIndex(bytes, descriptor.mediaType).manifests)
      await copyManifest(copying, each.digest, depth + 1);
    await to.manifests.put(digest, descriptor.mediaType, bytes);
    return;
  }
  if (!isManifestType(descriptor.mediaType)) throw gone(from, digest);
  const blobs = blobsOf(parseManifest(bytes, descriptor.mediaType));
  for (const blob of blobs) await copyBlob(copying, blob);
  const put = () => to.manifests.put(digest, descriptor.mediaType, bytes);
  await put().catch(async (failure: unknown) => {
    await sendMissing(copying, blobs, failure);
    return put();
  });
}

/** Those of others that no registry hands on are named in the manifest, and stay where they are. */
const blobsOf = ({ config, layers }: ImageManifest): Descriptor[] => {
  const own = [config, ...layers].filter(({ mediaType }) => !/foreign|nondistributable/.test(mediaType));
  return [...new Map(own.map((each) => [each.digest, each])).values()];
};

/** Of those who want a blob at once, the first one sends it, and the others wait and have it mounted. */
async function copyBlob(copying: Copying, blob: Descriptor): Promise<void> {
  const { from, to, holders, signal } = copying;
  signal.throwIfAborted();
  const key = `${to.host}@${blob.digest}`;
  const before = holders.get(key)?.catch(() => undefined);
  const bringing = (async () => {
    // Mounting from itself says whether the blob is there, and begins the upload where it is not: one request for two.
    const holder = from.host === to.host ? from.path : ((await before) ?? to.path);
    if (!(await to.blobs.mount(blob.digest, holder))) await sendBlob(copying, blob);
    return to.path;
  })();
  holders.set(key, bringing);
  await bringing;
}

const sendBlob = ({ from, to, signal }: Copying, blob: Descriptor): Promise<void> =>
  to.blobs.put(blob, () => Readable.from(opened(() => from.blobs.get(blob), signal)));

/** What the registry said that it has or took, and misses now. Throws the failure where that is not why. */
async function sendMissing(copying: Copying, blobs: readonly Descriptor[], failure: unknown): Promise<void> {
  const missing =
    failure instanceof RegistryFailure ? blobs.filter(({ digest }) => failure.missing.includes(digest)) : [];
  if (missing.length === 0) throw failure;
  for (const blob of missing) await sendBlob(copying, blob);
}

async function* opened(
  open: () => Promise<AsyncIterable<Uint8Array>>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  for await (const part of await open()) {
    signal.throwIfAborted();
    yield part;
  }
}

const gone = ({ host, path }: Repository, digest: Digest): FailedError =>
  new FailedError([error("image-gone", `${host}/${path}@${digest} is not an image that can be copied`)]);
