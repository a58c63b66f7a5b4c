import type { Descriptor } from "./descriptor.ts";
import { sha256Digest } from "./digest.ts";
import { oci } from "./media-types.ts";

/** https://github.com/opencontainers/image-spec/blob/v1.1.1/manifest.md#guidance-for-an-empty-descriptor */
export const emptyBlob = Buffer.from("{}");
export const emptyConfig: Descriptor = {
  mediaType: oci.empty,
  digest: sha256Digest(emptyBlob),
  size: emptyBlob.length,
};
