import { createRegistries } from "../../src/registry/registries.ts";
import { registryContract } from "../contracts/registry.ts";
import { startHttpRegistry } from "../support/http-registry.ts";
import { memoryRegistry } from "../support/memory-registry.ts";

registryContract("the one in memory", async () => ({
  registry: memoryRegistry(),
  blobsHaveRepositories: true,
  stop: async () => undefined,
}));

registryContract("the one over HTTP with pages of one entry", async () => {
  const server = await startHttpRegistry({ pageSize: 1 });
  const registries = createRegistries({ environment: {} });
  return {
    registry: registries.registryFor(server.host),
    blobsHaveRepositories: true,
    async stop() {
      await registries.close();
      await server.stop();
    },
  };
});
