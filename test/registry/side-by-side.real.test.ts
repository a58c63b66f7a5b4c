import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import type { Registries, RequestEvent } from "../../src/registry/model.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { type RunningRegistry, startRegistry } from "../support/registry.ts";

describe("images published side by side into one repository", () => {
  let server: RunningRegistry;
  let registries: Registries;
  const requests: RequestEvent[] = [];
  beforeAll(async () => {
    server = await startRegistry();
    registries = createRegistries({ limits: { attempts: 1 }, onRequest: (event) => requests.push(event) });
  });
  afterAll(async () => {
    await registries.close();
    await server.stop();
  });

  it("may share a blob, which is sent once", async () => {
    const registry = registries.registryFor(server.host);
    const shared = Buffer.from("{}");
    const blob = { mediaType: oci.empty, digest: sha256Digest(shared), size: shared.length };
    const image = async (repository: string, number: number): Promise<void> => {
      await registry.repository(repository).blobs.put(blob, shared);
      const manifest = canonicalJson({
        schemaVersion: 2,
        mediaType: oci.manifest,
        artifactType: "text/plain",
        config: blob,
        layers: [blob],
        annotations: { number: `${number}` },
      });
      await registry.repository(repository).manifests.put(`tag-${number}`, oci.manifest, manifest);
    };
    for (let round = 0; round < 30; round += 1) {
      requests.length = 0;
      await Promise.all(Array.from({ length: 8 }, (_, number) => image(`shared-${round}`, number)));
      expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
    }
  });

  it("may mount one blob, which is mounted once, and send it after a mount was refused", async () => {
    const registry = registries.registryFor(server.host);
    const layer = Buffer.from("a layer");
    const blob = { mediaType: oci.layer, digest: sha256Digest(layer), size: layer.length };
    await registry.repository("from").blobs.put(blob, layer);
    for (let round = 0; round < 30; round += 1) {
      requests.length = 0;
      const image = async (number: number): Promise<void> => {
        expect(await registry.repository(`mounted-${round}`).blobs.mount(blob.digest, "from")).toBe(true);
        const manifest = canonicalJson({
          schemaVersion: 2,
          mediaType: oci.manifest,
          config: blob,
          layers: [blob],
          annotations: { number: `${number}` },
        });
        await registry.repository(`mounted-${round}`).manifests.put(`tag-${number}`, oci.manifest, manifest);
      };
      await Promise.all(Array.from({ length: 8 }, (_, number) => image(number)));
      expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
    }
    const bringing = Array.from({ length: 8 }, async () => {
      if (!(await registry.repository("refused").blobs.mount(blob.digest, "nowhere")))
        await registry.repository("refused").blobs.put(blob, layer);
    });
    await Promise.all(bringing);
    expect(await registry.repository("refused").blobs.head(blob.digest)).toBeDefined();
  });

  it("is sent by the next when the first could not", async () => {
    const registry = registries.registryFor(server.host);
    const bytes = Buffer.from("good");
    const blob = { mediaType: oci.empty, digest: sha256Digest(bytes), size: bytes.length };
    const bad = registry.repository("again").blobs.put(blob, Buffer.from("evil"));
    const good = registry.repository("again").blobs.put(blob, bytes);
    await expect(bad).rejects.toThrow();
    await good;
    expect(await registry.repository("again").blobs.head(blob.digest)).toBeDefined();
  });
});
