import { createRegistries } from "../../src/registry/registries.ts";
import { type RegistryUnderTest, registryContract } from "../contracts/registry.ts";
import { type HttpRegistryOptions, startHttpRegistry } from "../support/http-registry.ts";
import { memoryRegistry } from "../support/memory-registry.ts";

registryContract("the one in memory", async () => ({
  registry: memoryRegistry(),
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
