import { overlayRegistries } from "../../src/registry/overlay.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { rememberManifests } from "../../src/registry/remember.ts";
import { type RegistryUnderTest, registryContract } from "../contracts/registry.ts";
import { type HttpRegistryOptions, startHttpRegistry } from "../support/http-registry.ts";
import { memoryRegistries, memoryRegistry } from "../support/memory-registry.ts";

registryContract("the one in memory", async () => ({
  registry: memoryRegistry(),
  blobsHaveRepositories: true,
  stop: async () => undefined,
}));

registryContract("one that remembers manifests", async () => ({
  registry: rememberManifests(memoryRegistries()).registryFor("registry.test"),
  blobsHaveRepositories: true,
  stop: async () => undefined,
}));

registryContract("one behind another that is read first", async () => ({
  registry: overlayRegistries(memoryRegistry("first.test"), memoryRegistries()).registryFor("registry.test"),
  blobsHaveRepositories: true,
  stop: async () => undefined,
}));

registryContract("the one over HTTP with pages of one entry", () => overHttp({ pageSize: 1 }));
registryContract("the one over HTTP without referrers", () => overHttp({ withoutReferrers: true }));

async function overHttp(options: HttpRegistryOptions): Promise<RegistryUnderTest> {
  const server = await startHttpRegistry(options);
  const registries = createRegistries({ environment: {} });
  return {
    registry: registries.registryFor(server.host),
    blobsHaveRepositories: true,
    async stop() {
      await registries.close();
      await server.stop();
    },
  };
}
