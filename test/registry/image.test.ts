import { describe, expect, it } from "vitest";
import { FailedError } from "../../src/diagnostics/failure.ts";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { docker, oci } from "../../src/oci/media-types.ts";
import type { Platform } from "../../src/oci/platform.ts";
import { readBlob, readImage, readImageManifest } from "../../src/registry/image.ts";
import { type MemoryRegistry, memoryRegistries, memoryRegistry } from "../support/memory-registry.ts";

const amd64: Platform = { os: "linux", architecture: "amd64" };

async function put(registry: MemoryRegistry, content: unknown, mediaType: string): Promise<Descriptor> {
  const bytes = canonicalJson(content);
  const blob = { mediaType, digest: sha256Digest(bytes), size: bytes.length };
  await registry.repository("a").blobs.put(blob, bytes);
  return blob;
}

async function putImage(registry: MemoryRegistry, target: string, platform: Platform): Promise<Descriptor> {
  const config = await put(registry, { ...platform, rootfs: { type: "layers", diff_ids: [] } }, oci.config);
  const bytes = canonicalJson({ schemaVersion: 2, mediaType: oci.manifest, config, layers: [] });
  return registry.repository("a").manifests.put(target, oci.manifest, bytes);
}

async function putIndex(registry: MemoryRegistry, ...platforms: Platform[]): Promise<Descriptor> {
  const manifests = await Promise.all(
    platforms.map(async (platform) => ({ ...(await putImage(registry, "x", platform)), platform })),
  );
  return registry
    .repository("a")
    .manifests.put("1.0", docker.index, canonicalJson({ schemaVersion: 2, mediaType: docker.index, manifests }));
}

describe("an image", () => {
  it("is read with its manifest and its config", async () => {
    const registry = memoryRegistry();
    const stored = await putImage(registry, "1.0", amd64);
    const image = await readImage(registry.repository("a"), "1.0", amd64);
    expect(image).toMatchObject({ descriptor: stored, named: stored, config: amd64, manifest: { layers: [] } });
  });

  it("is the one of the platform where there are several", async () => {
    const registry = memoryRegistry();
    const index = await putIndex(registry, { os: "linux", architecture: "arm64" }, amd64);
    const image = await readImage(registry.repository("a"), "1.0", amd64);
    expect(image?.named).toEqual(index);
    expect(image?.config.architecture).toBe("amd64");
    expect(image?.descriptor.mediaType).toBe(oci.manifest);
  });

  it("is missed in words when no platform fits", async () => {
    const registry = memoryRegistry();
    await putIndex(registry, { os: "linux", architecture: "arm64", variant: "v8" });
    const failure = await readImage(registry.repository("a"), "1.0", amd64).catch((thrown: unknown) => thrown);
    expect(failure).toBeInstanceOf(FailedError);
    expect(JSON.stringify((failure as FailedError).diagnostics)).toContain("it has: linux/arm64/v8");
  });

  it("is undefined when there is none", async () => {
    expect(await readImage(memoryRegistry().repository("a"), "1.0", amd64)).toBeUndefined();
  });

  it("is read without its config in one request", async () => {
    const registry = memoryRegistry();
    await putImage(registry, "1.0", amd64);
    registry.calls.length = 0;
    expect(await readImageManifest(registry.repository("a"), "1.0", amd64)).toBeDefined();
    expect(registry.calls).toEqual(["getManifest a 1.0"]);
  });
});

describe("a blob that says it is long", () => {
  it("is not read as a whole", async () => {
    const registry = memoryRegistry();
    const blob = await put(registry, { text: "long" }, oci.config);
    expect((await readBlob(registry.repository("a"), blob, 1000)).toString()).toBe('{"text":"long"}');
    await expect(readBlob(registry.repository("a"), blob, 5)).rejects.toThrow("more than the 5 expected");
    expect(registry.calls.filter((call) => call.startsWith("getBlob"))).toHaveLength(1);
  });
});

describe("registries in memory", () => {
  it("are one per host", async () => {
    const registries = memoryRegistries();
    await putImage(registries.registryFor("a.test"), "1.0", amd64);
    expect(await registries.registryFor("a.test").repository("a").listings.tags()).toEqual(["1.0"]);
    expect(await registries.registryFor("b.test").repository("a").listings.tags()).toEqual([]);
  });
});
