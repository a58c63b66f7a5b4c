import { canonicalJson } from "./canonical-json.ts";
import type { Descriptor } from "./descriptor.ts";
import { type Digest, digestHex } from "./digest.ts";
import { type ImageIndex, parseIndex } from "./manifest.ts";
import { oci } from "./media-types.ts";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md */
export const layoutFile = { path: "oci-layout", content: '{"imageLayoutVersion":"1.0.0"}' } as const;

export const indexPath = "index.json";

export const blobFolder = "blobs/sha256";

export const blobPath = (digest: Digest): string => `${blobFolder}/${digestHex(digest)}`;

export const emptyLayoutIndex: ImageIndex = { schemaVersion: 2, mediaType: oci.index, manifests: [] };

export const parseLayoutIndex = (bytes: Uint8Array): ImageIndex => parseIndex(bytes);

export const encodeLayoutIndex = (index: ImageIndex): Buffer => canonicalJson(index);

/** The name that `skopeo inspect oci:DIR:NAME` and others take: `sci/essentials:2.4`. */
export const layoutName = (repository: string, tag: string): string => `${repository}:${tag}`;

/** The entry of that name; the last one, should there be several. */
export const findNamed = (index: ImageIndex, name: string): Descriptor | undefined =>
  index.manifests.findLast((entry) => nameOf(entry) === name);

/** The name stands on this entry alone afterwards. Other names of the same manifest stay. */
export const withNamed = (index: ImageIndex, name: string, entry: Descriptor): ImageIndex => ({
  ...withoutNamed(index, name),
  manifests: [
    ...withoutNamed(index, name).manifests,
    { ...entry, annotations: { ...entry.annotations, [nameAnnotation]: name } },
  ],
});

export const withoutNamed = (index: ImageIndex, name: string): ImageIndex => ({
  ...index,
  manifests: index.manifests.filter((entry) => nameOf(entry) !== name),
});

/** Adds a manifest that has no name, once. */
export const withUnnamed = (index: ImageIndex, entry: Descriptor): ImageIndex =>
  index.manifests.some((each) => each.digest === entry.digest && nameOf(each) === undefined)
    ? index
    : { ...index, manifests: [...index.manifests, entry] };

export const withoutDigest = (index: ImageIndex, digest: Digest): ImageIndex => ({
  ...index,
  manifests: index.manifests.filter((entry) => entry.digest !== digest),
});

/** Tags of a repository in the order in which they were set. */
export const tagsOf = (index: ImageIndex, repository: string): string[] =>
  index.manifests.flatMap((entry) => {
    const name = nameOf(entry) ?? "";
    const colon = name.lastIndexOf(":");
    return colon !== -1 && name.slice(0, colon) === repository ? [name.slice(colon + 1)] : [];
  });

export const nameOf = (entry: Descriptor): string | undefined => entry.annotations?.[nameAnnotation];

const nameAnnotation = "org.opencontainers.image.ref.name";
