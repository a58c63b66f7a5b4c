import { buffer } from "node:stream/consumers";
import { expect, it } from "vitest";
import { FailedError } from "../../src/diagnostics/failure.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { RegistryFailure } from "../../src/registry/failures.ts";
import { mirrorRegistries } from "../../src/registry/mirrors.ts";
import { memoryRegistries, memoryRegistry } from "../support/memory-registry.ts";

const bytes = Buffer.from("a layer");
const blob = { mediaType: oci.layer, digest: sha256Digest(bytes), size: bytes.length };
const manifest = Buffer.from('{"schemaVersion":2}');

async function filled(registry: ReturnType<typeof memoryRegistry>) {
  await registry.endpoints.putManifest("library/debian", "12", oci.manifest, manifest);
  await registry.endpoints.putBlob("library/debian", blob, bytes);
  registry.calls.length = 0;
  return registry;
}

it("an image of Docker Hub is read from its mirror, and called as there", async () => {
  const registries = memoryRegistries();
  const mirror = await filled(memoryRegistry("mirror.test"));
  const debian = mirrorRegistries(registries, async () => [mirror])
    .registryFor("docker.io")
    .repository("library/debian");
  expect([debian.host, debian.path]).toEqual(["docker.io", "library/debian"]);
  expect((await debian.manifests.head("12"))?.digest).toBe(sha256Digest(manifest));
  expect((await debian.manifests.get("12"))?.bytes).toEqual(manifest);
  expect(await buffer(await debian.blobs.get(blob))).toEqual(bytes);
  expect(registries.registryFor("docker.io").calls).toEqual([]);
});

it("what no mirror has is read from Docker Hub, and a mirror that is not there is asked once", async () => {
  const registries = memoryRegistries();
  await filled(registries.registryFor("docker.io"));
  let asked = 0;
  const gone = {
    host: "gone.test",
    repository() {
      asked += 1;
      throw new RegistryFailure({ code: "registry-unreachable", message: "nobody listens", notes: [] });
    },
  };
  const refusing = {
    host: "refusing.test",
    repository() {
      throw new FailedError([]);
    },
  };
  const mirrored = mirrorRegistries(registries, async () => [gone, refusing, memoryRegistry("empty.test")]);
  const debian = mirrored.registryFor("docker.io").repository("library/debian");
  expect((await debian.manifests.head("12"))?.digest).toBe(sha256Digest(manifest));
  expect((await debian.manifests.get("12"))?.bytes).toEqual(manifest);
  expect(await debian.manifests.get("13")).toBeUndefined();
  expect(asked).toBe(1);
});

it("other registries have no mirror, and what is written goes past it", async () => {
  const registries = memoryRegistries();
  const mirrored = mirrorRegistries(registries, () => Promise.reject(new Error("nobody asked")));
  await mirrored.registryFor("registry.test").repository("a").manifests.get("1");
  await mirrored.registryFor("docker.io").repository("me/a").manifests.put("1", oci.manifest, manifest);
  expect(registries.registryFor("docker.io").calls).toEqual(["putManifest me/a 1"]);
});
