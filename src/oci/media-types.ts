/** https://github.com/opencontainers/image-spec/blob/v1.1.1/media-types.md */
export const oci = {
  manifest: "application/vnd.oci.image.manifest.v1+json",
  index: "application/vnd.oci.image.index.v1+json",
  config: "application/vnd.oci.image.config.v1+json",
  layer: "application/vnd.oci.image.layer.v1.tar",
  layerGzip: "application/vnd.oci.image.layer.v1.tar+gzip",
  layerZstd: "application/vnd.oci.image.layer.v1.tar+zstd",
  empty: "application/vnd.oci.empty.v1+json",
} as const;

/** https://distribution.github.io/distribution/spec/manifest-v2-2/ */
export const docker = {
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  index: "application/vnd.docker.distribution.manifest.list.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar",
  layerGzip: "application/vnd.docker.image.rootfs.diff.tar.gzip",
  foreignLayerGzip: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
} as const;

/** One image is all of one family: a manifest of one with the config or layers of the other is refused by some clients. */
export type Family = "oci" | "docker";

export const isConfigType = (mediaType: string): boolean => mediaType === oci.config || mediaType === docker.config;

/** Media types that a client which reads images asks for. */
export const manifestMediaTypes: readonly string[] = [oci.manifest, oci.index, docker.manifest, docker.index];

export const isManifestType = (mediaType: string): boolean =>
  mediaType === oci.manifest || mediaType === docker.manifest;

export const isIndexType = (mediaType: string): boolean => mediaType === oci.index || mediaType === docker.index;

/** The media types to make an image of a family with; Docker's has no zstd. */
export function mediaTypesOf(family: Family): {
  manifest: string;
  index: string;
  config: string;
  layer: string;
  layerGzip: string;
} {
  const { manifest, index, config, layer, layerGzip } = family === "oci" ? oci : docker;
  return { manifest, index, config, layer, layerGzip };
}

export type Compression = "none" | "gzip" | "zstd";

/** Undefined when the media type is not one of a layer's tar. */
export function layerCompression(mediaType: string): Compression | undefined {
  const normal = mediaType.replace("layer.nondistributable.v1", "layer.v1");
  if (normal === oci.layer || normal === docker.layer) return "none";
  if (normal === oci.layerGzip || normal === docker.layerGzip || normal === docker.foreignLayerGzip) return "gzip";
  return normal === oci.layerZstd ? "zstd" : undefined;
}

/** The same kind of layer in the words of a family; undefined where that family has no word for it. */
export function layerTypeIn(family: Family, mediaType: string): string | undefined {
  const compression = layerCompression(mediaType);
  if (compression === undefined) return undefined;
  if (compression === "zstd") return family === "oci" ? oci.layerZstd : undefined;
  return compression === "gzip" ? mediaTypesOf(family).layerGzip : mediaTypesOf(family).layer;
}
