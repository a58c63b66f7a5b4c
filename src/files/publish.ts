import { imagePlatform } from "../oci/platform.ts";
import { manifestTarget, parseReferenceOrThrow } from "../oci/reference.ts";
import { type RemoteImage, readImage } from "../registry/image.ts";
import type { Registry } from "../registry/model.ts";
import type { IndexCache } from "./cache.ts";
import type { FileIndex } from "./index.ts";
import { mostText } from "./limits.ts";
import { type IndexedImage, obtainIndex } from "./obtain.ts";
import { attachIndex, fetchIndex } from "./referrer.ts";

interface IndexRequest extends Pick<IndexedImage, "name" | "signal" | "read" | "readLayer"> {
  readonly registry: Registry;
  readonly repository: string;
  readonly image: RemoteImage;
}

/** The index of an image in a registry, with none of its layers read where one is cached or attached. */
export function remoteIndex(request: IndexRequest, cache: IndexCache): Promise<FileIndex> {
  const { registry, repository, image, ...reading } = request;
  const { descriptor, manifest, config } = image;
  const diffIds = config.rootfs.diff_ids;
  return obtainIndex(
    {
      diffIds,
      layers: manifest.layers,
      openBlob: (layer) => registry.repository(repository).blobs.get(layer),
      // A registry that answers wrongly about referrers still has the layers.
      attached: () =>
        fetchIndex(registry, repository, descriptor.digest, diffIds, mostOf(image)).catch(() => undefined),
      ...reading,
    },
    cache,
  );
}

/**
 * Attaches an index to an image that some engine has pushed, reading the layers that no cached index covers. False when
 * it had one. Throws `FailedError` when there is no such image.
 */
export async function publishIndex(registry: Registry, reference: string, cache: IndexCache): Promise<boolean> {
  const parsed = parseReferenceOrThrow(reference);
  const { repository } = parsed;
  const image = await readImage(registry.repository(repository), manifestTarget(parsed), imagePlatform);
  if (!image) throw new Error(`${reference} is not there`);
  const { descriptor } = image;
  if (await fetchIndex(registry, repository, descriptor.digest, image.config.rootfs.diff_ids, mostOf(image)))
    return false;
  const index = await remoteIndex({ name: reference, registry, repository, image }, cache);
  await attachIndex(registry, repository, descriptor, index);
  return true;
}

const mostOf = ({ manifest }: RemoteImage): number =>
  mostText(manifest.layers.reduce((sum, { size }) => sum + size, 0));
