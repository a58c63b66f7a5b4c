import { standardLabel } from "../naming/labels.ts";
import type { Digest } from "../oci/digest.ts";
import { parseManifest } from "../oci/manifest.ts";
import { isManifestType } from "../oci/media-types.ts";
import type { Platform } from "../oci/platform.ts";
import { type RemoteImage, readImage } from "../registry/image.ts";
import type { Location } from "../registry/location.ts";
import type { ManifestContent } from "../registry/model.ts";
import { type Breadcrumbs, ownCrumb, readCrumbs } from "./crumbs.ts";

/** An image of which the trail is known, if need be from the labels of others that were built on it. */
export interface KnownImage {
  /** What it was asked by, as a whole reference. */
  readonly reference: string;
  /** Of what the reference names: manifest or index. */
  readonly digest: Digest;
  readonly crumbs: Breadcrumbs;
}

/** One platform's image as a registry holds it, without its layers. */
export interface PublishedImage extends NamedImage, RemoteImage {
  /** Bytes of all layers as they are transferred. */
  readonly size: number;
}

/** An image of which is known what its topmost layer says of itself. */
export interface NamedImage extends KnownImage {
  readonly labels: Readonly<Record<string, string>>;
}

/**
 * What a manifest says of its image without the configuration. Undefined where it does not say it, as those of other tools and of
 * earlier releases, and for an index.
 */
export function namedByManifest(reference: string, { descriptor, bytes }: ManifestContent): NamedImage | undefined {
  if (!isManifestType(descriptor.mediaType)) return undefined;
  const { annotations = {} } = parseManifest(bytes, descriptor.mediaType);
  const crumbs = readCrumbs(annotations);
  const own = ownCrumb(reference, crumbs);
  if (own?.inputs === undefined || annotations[standardLabel("revision")] === undefined) return undefined;
  return { reference, digest: descriptor.digest, labels: annotations, crumbs };
}

/** Two requests; three for an index. Undefined when there is no such image. Throws `FailedError`. */
export async function readPublishedImage(
  { repository, target }: Location,
  reference: string,
  platform: Platform,
): Promise<PublishedImage | undefined> {
  const found = await readImage(repository, target, platform);
  return found && publishedImage(reference, found);
}

export function publishedImage(reference: string, found: RemoteImage): PublishedImage {
  const labels = found.config.config?.Labels ?? {};
  const size = found.manifest.layers.reduce((sum, layer) => sum + layer.size, 0);
  return { ...found, reference, digest: found.named.digest, labels, crumbs: readCrumbs(labels), size };
}
