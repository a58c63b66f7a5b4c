import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import type { RegistryFailure } from "../../src/registry/failures.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { type RegistryUnderTest, registryContract } from "../contracts/registry.ts";
import { login, type RegistryOptions, startRegistry } from "../support/registry.ts";

async function start(options: RegistryOptions): Promise<RegistryUnderTest> {
  const server = await startRegistry(options);
  const folder = await mkdtemp(join(tmpdir(), "logins-"));
  const auth = Buffer.from(`${login.user}:${login.password}`).toString("base64");
  await writeFile(join(folder, "config.json"), JSON.stringify({ auths: { [server.host]: { auth } } }));
  const registries = createRegistries({ environment: { DOCKER_CONFIG: folder, PATH: process.env["PATH"] } });
  return {
    registry: registries.registryFor(server.host),
    blobsHaveRepositories: true,
    async stop() {
      await registries.close();
      await server.stop();
      await rm(folder, { recursive: true });
    },
  };
}

it("docker-registry says which blobs a manifest misses", async () => {
  const under = await start({});
  const blobs = ["a", "b"].map((text) => ({ mediaType: oci.layer, digest: sha256Digest(text), size: 1 }));
  const bytes = canonicalJson({
    schemaVersion: 2,
    mediaType: oci.manifest,
    config: { ...blobs[0], mediaType: oci.config },
    layers: blobs,
  });
  const failure = await under.registry
    .repository("a")
    .manifests.put("1", oci.manifest, bytes)
    .catch((thrown: unknown) => thrown);
  expect(new Set((failure as RegistryFailure).missing)).toEqual(new Set(blobs.map(({ digest }) => digest)));
  await under.stop();
});

registryContract("docker-registry, open", () => start({}));
registryContract("docker-registry with passwords", () => start({ auth: "htpasswd" }));
registryContract("docker-registry with tokens", () => start({ auth: "token" }));
