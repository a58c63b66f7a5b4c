import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { type AssembleEngine, createAssembleEngine } from "../../../src/engines/assemble/engine.ts";
import { engineContract } from "../../contracts/engine.ts";
import { memoryRegistries } from "../../support/memory-registry.ts";
import { baseConfig, baseLayers, pushImage } from "./base-images.ts";

const registries = memoryRegistries();
const host = "registry.test:5000";
let root: string;
let engine: AssembleEngine;
let base: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "assemble-contract-"));
  engine = createAssembleEngine({ registries, cache: join(root, "cache"), temporary: root });
  base = await pushImage(registries.registryFor(host), "base", "1", baseLayers, baseConfig);
});

afterAll(async () => {
  await engine.close();
  await rm(root, { recursive: true, force: true });
});

describe("the embedded engine", () => {
  const repo = `${host}/contract`;
  const digestInRegistry = async (reference: string): Promise<string | undefined> => {
    const [, repository = "", tag = ""] = /^[^/]*\/(.*):(.*)$/.exec(reference) ?? [];
    return (await registries.registryFor(host).repository(repository).manifests.head(tag))?.digest;
  };
  engineContract(async () => ({ engine, repo, base, root, digestInRegistry }), false);
});
