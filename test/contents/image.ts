import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { createFactsCache } from "../../src/contents/cache.ts";
import type { ImageConfig } from "../../src/oci/config.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import type { RemoteImage } from "../../src/registry/image.ts";
import { type Item, tarOf } from "../files/support.ts";
import { type MemoryRegistry, memoryRegistry } from "../support/memory-registry.ts";

/** A registry with an image whose layers have these entries, lowest first. */
export function imageOf(
  layers: readonly (readonly Item[])[],
  config: ImageConfig["config"] = {},
): { readonly image: RemoteImage; readonly registry: MemoryRegistry; readonly repository: string } {
  const registry = memoryRegistry();
  const blobs = registry.store.repository("images").blobs;
  const tars = layers.map(tarOf);
  const descriptors = tars.map((tar) => {
    const bytes = gzipSync(tar);
    blobs.set(sha256Digest(bytes), bytes);
    return { mediaType: oci.layerGzip, digest: sha256Digest(bytes), size: bytes.length };
  });
  const named = { mediaType: oci.manifest, digest: sha256Digest(String(tars.length)), size: 1 };
  const manifest = { schemaVersion: 2, mediaType: oci.manifest, config: named, layers: descriptors } as const;
  const rootfs = { type: "layers", diff_ids: tars.map((tar) => sha256Digest(tar)) } as const;
  return {
    registry,
    repository: "images",
    image: { descriptor: named, named, manifest, config: { architecture: "amd64", os: "linux", config, rootfs } },
  };
}

/** A cache of its own, gone after the test. */
export function emptyCache() {
  const folder = mkdtempSync(join(tmpdir(), "facts-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return createFactsCache(join(folder, "image-builder"));
}

export const deb = (...packages: readonly (readonly [name: string, version: string])[]): string =>
  packages
    .map(
      ([name, version]) => `Package: ${name}\nStatus: install ok installed\nVersion: ${version}\nArchitecture: all\n`,
    )
    .join("\n");
