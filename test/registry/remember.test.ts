import { buffer } from "node:stream/consumers";
import { beforeEach, describe, expect, it } from "vitest";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import type { Registry } from "../../src/registry/model.ts";
import { lastSeen, rememberManifests } from "../../src/registry/remember.ts";
import { type MemoryRegistries, memoryRegistries } from "../support/memory-registry.ts";

const bytes = Buffer.from('{"schemaVersion":2}');
const digest = sha256Digest(bytes);
let below: MemoryRegistries;
let registry: Registry;

beforeEach(async () => {
  below = memoryRegistries();
  registry = rememberManifests(below).registryFor("a.test");
  await below.registryFor("a.test").putManifest("x", "1", oci.manifest, bytes);
  below.registryFor("a.test").calls.length = 0;
});

const calls = (): readonly string[] => below.registryFor("a.test").calls;

describe("registries that remember manifests", () => {
  it("fetch one once, however it is asked for", async () => {
    expect((await registry.headManifest("x", "1"))?.digest).toBe(digest);
    expect((await registry.getManifest("x", digest))?.bytes).toEqual(bytes);
    expect((await registry.headManifest("x", digest))?.size).toBe(bytes.length);
    expect(calls()).toHaveLength(1);
  });

  it("ask for a tag every time, since tags move", async () => {
    await registry.headManifest("x", "1");
    await registry.getManifest("x", "1");
    expect(calls()).toHaveLength(2);
  });

  it("keep what they put, of that repository alone", async () => {
    await registry.putManifest("y", "2", oci.manifest, bytes);
    expect((await registry.getManifest("y", digest))?.bytes).toEqual(bytes);
    expect(await registry.getManifest("z", digest)).toBeUndefined();
    expect(calls()).toHaveLength(2);
  });

  it("keep a config that they send, and no large blob", async () => {
    const large = Buffer.alloc(2_000_000);
    for (const each of [bytes, large]) {
      const blob = { mediaType: oci.config, digest: sha256Digest(each), size: each.length };
      await registry.putBlob("x", blob, each);
      expect((await buffer(await registry.getBlob("x", blob))).equals(each)).toBe(true);
    }
    expect(calls().map((call) => call.split(" ")[0])).toEqual(["putBlob", "putBlob", "getBlob"]);
  });

  it("know what they saw behind a tag, until it is gone", async () => {
    expect(lastSeen(registry, "x", "1")).toBeUndefined();
    await registry.headManifest("x", "1");
    expect(lastSeen(registry, "x", "1")).toMatchObject({ descriptor: { digest } });
    await registry.headManifest("x", "2");
    expect(lastSeen(registry, "x", "2")).toBe("absent");
    await registry.deleteManifest("x", digest);
    expect(lastSeen(registry, "x", "1")).toBeUndefined();
    expect(lastSeen(below.registryFor("a.test"), "x", "1")).toBeUndefined();
  });

  it("fetch no manifest of Docker Hub that nobody wants", async () => {
    await rememberManifests(below).registryFor("docker.io").headManifest("x", "1");
    expect(below.registryFor("docker.io").calls.map((call) => call.split(" ")[0])).toEqual(["headManifest"]);
  });
});
