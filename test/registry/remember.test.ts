import { buffer } from "node:stream/consumers";
import { beforeEach, describe, expect, it } from "vitest";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import type { Registry } from "../../src/registry/model.ts";
import { rememberManifests } from "../../src/registry/remember.ts";
import { type MemoryRegistries, memoryRegistries } from "../support/memory-registry.ts";

const bytes = Buffer.from('{"schemaVersion":2}');
const digest = sha256Digest(bytes);
let below: MemoryRegistries;
let registry: Registry;

beforeEach(async () => {
  below = memoryRegistries();
  registry = rememberManifests(below).registryFor("a.test");
  await below.registryFor("a.test").repository("x").manifests.put("1", oci.manifest, bytes);
  below.registryFor("a.test").calls.length = 0;
});

const calls = (): readonly string[] => below.registryFor("a.test").calls;

describe("registries that remember manifests", () => {
  it("fetch one once, however it is asked for", async () => {
    expect((await registry.repository("x").manifests.head("1"))?.digest).toBe(digest);
    expect((await registry.repository("x").manifests.get(digest))?.bytes).toEqual(bytes);
    expect((await registry.repository("x").manifests.head(digest))?.size).toBe(bytes.length);
    expect(calls()).toHaveLength(1);
  });

  it("ask for a tag every time, since tags move", async () => {
    await registry.repository("x").manifests.head("1");
    await registry.repository("x").manifests.get("1");
    expect(calls()).toHaveLength(2);
  });

  it("keep what they put, of that repository alone", async () => {
    await registry.repository("y").manifests.put("2", oci.manifest, bytes);
    expect((await registry.repository("y").manifests.get(digest))?.bytes).toEqual(bytes);
    expect(await registry.repository("z").manifests.get(digest)).toBeUndefined();
    expect(calls()).toHaveLength(2);
  });

  it("keep a config that they send, and no large blob", async () => {
    const large = Buffer.alloc(2_000_000);
    for (const each of [bytes, large]) {
      const blob = { mediaType: oci.config, digest: sha256Digest(each), size: each.length };
      await registry.repository("x").blobs.put(blob, each);
      expect((await buffer(await registry.repository("x").blobs.get(blob))).equals(each)).toBe(true);
    }
    expect(calls().map((call) => call.split(" ")[0])).toEqual(["putBlob", "putBlob", "getBlob"]);
  });

  it("know what they saw behind a tag, until it is gone", async () => {
    expect(registry.repository("x").memory?.lastSeen("1")).toBeUndefined();
    await registry.repository("x").manifests.head("1");
    expect(registry.repository("x").memory?.lastSeen("1")).toMatchObject({ descriptor: { digest } });
    await registry.repository("x").manifests.head("2");
    expect(registry.repository("x").memory?.lastSeen("2")).toBe("absent");
    await registry.repository("x").manifests.delete(digest);
    expect(registry.repository("x").memory?.lastSeen("1")).toBeUndefined();
    expect(below.registryFor("a.test").repository("x").memory?.lastSeen("1")).toBeUndefined();
  });

  it("fetch no manifest of Docker Hub that nobody wants", async () => {
    await rememberManifests(below).registryFor("docker.io").repository("x").manifests.head("1");
    expect(below.registryFor("docker.io").calls.map((call) => call.split(" ")[0])).toEqual(["headManifest"]);
  });
});
