import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

registryContract("docker-registry, open", () => start({}));
registryContract("docker-registry with passwords", () => start({ auth: "htpasswd" }));
registryContract("docker-registry with tokens", () => start({ auth: "token" }));
