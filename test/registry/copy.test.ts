import { describe, expect, it } from "vitest";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { copyBlob } from "../../src/registry/copy.ts";
import { memoryRegistry } from "../support/memory-registry.ts";

const content = Buffer.from("a layer");
const blob: Descriptor = { mediaType: oci.layer, digest: sha256Digest(content), size: content.length };

describe("a blob that is copied", () => {
  it("is mounted within a registry", async () => {
    const registry = memoryRegistry();
    await registry.repository("a").blobs.put(blob, content);
    expect(await copyBlob(blob, { registry, repository: "a" }, { registry, repository: "b" })).toBe("mounted");
    expect(await copyBlob(blob, { registry, repository: "a" }, { registry, repository: "a" })).toBe("present");
    expect(registry.calls.filter((call) => call.startsWith("getBlob"))).toEqual([]);
    expect(await registry.repository("b").blobs.head(blob.digest)).toBeDefined();
  });

  it("is streamed within a registry that cannot mount it", async () => {
    const registry = memoryRegistry();
    registry.endpoints.mountBlob = async () => false;
    await registry.repository("a").blobs.put(blob, content);
    expect(await copyBlob(blob, { registry, repository: "a" }, { registry, repository: "b" })).toBe("streamed");
    expect(await registry.repository("b").blobs.head(blob.digest)).toBeDefined();
  });

  it("is streamed to another registry once", async () => {
    const [from, to] = [memoryRegistry("from.test"), memoryRegistry("to.test")];
    await from.repository("a").blobs.put(blob, content);
    const copy = () => copyBlob(blob, { registry: from, repository: "a" }, { registry: to, repository: "a" });
    expect([await copy(), await copy()]).toEqual(["streamed", "present"]);
    expect(to.store.repository("a").blobs.get(blob.digest)).toEqual(content);
  });

  it("fails as its source does", async () => {
    const [from, to] = [memoryRegistry("from.test"), memoryRegistry("to.test")];
    await expect(
      copyBlob(blob, { registry: from, repository: "a" }, { registry: to, repository: "a" }),
    ).rejects.toThrow("no blob");
  });
});
