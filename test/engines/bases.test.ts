import { describe, expect, it } from "vitest";
import type { ImageBuild, NamedBase, Pin } from "../../src/compose/model.ts";
import { error } from "../../src/diagnostics/diagnostic.ts";
import { FailedError } from "../../src/diagnostics/failure.ts";
import { type BaseOptions, resolveBases } from "../../src/engines/bases.ts";
import { createDockerEngine } from "../../src/engines/docker/docker.ts";
import type { Engine } from "../../src/engines/model.ts";
import { createRecordEngine } from "../../src/engines/record/record.ts";
import { oci } from "../../src/oci/media-types.ts";
import type { Registries, Registry } from "../../src/registry/model.ts";
import { readyBuild, task } from "../contracts/engine.ts";
import { memoryRegistry } from "../support/memory-registry.ts";

const parent: NamedBase = {
  kind: "named",
  name: "sci/base:1.0",
  source: { kind: "parent", target: "base", version: "1.0" },
};
const debian: NamedBase = { kind: "named", name: "debian:1", source: { kind: "external" } };

const buildOn = (base: NamedBase): ImageBuild => ({
  ...readyBuild({ repo: "mine.test/x", root: "/" }, "child", "").build,
  dockerfile: { text: "FROM b\n", references: [{ start: 5, end: 6, base, final: true }], declared: [], origins: [] },
});

async function publish(registry: Registry, repository: string, tag: string, annotation: string): Promise<string> {
  const config = Buffer.from(`{"a":"${annotation}"}`);
  const { digest } = await import("../../src/oci/digest.ts").then(({ sha256Digest }) => ({
    digest: sha256Digest(config),
  }));
  const descriptor = { mediaType: oci.config, digest, size: config.length };
  await registry.repository(repository).blobs.put(descriptor, config);
  const manifest = { schemaVersion: 2, mediaType: oci.manifest, config: descriptor, layers: [] };
  return (await registry.repository(repository).manifests.put(tag, oci.manifest, Buffer.from(JSON.stringify(manifest))))
    .digest;
}

/** Two registries by host; a host that is not among them does not answer. */
function world(engine: Engine, more: Partial<BaseOptions> = {}) {
  const known: Record<string, Registry> = { "mine.test": memoryRegistry(), "home.test": memoryRegistry() };
  const registries: Registries = {
    registryFor: (host) => known[host] ?? silent(host),
    close: async () => undefined,
  };
  const options: BaseOptions = {
    repositories: ["mine.test/x", "home.test/y"],
    registries,
    engineFor: () => engine,
    mayUseLocal: true,
    task: task(),
    ...more,
  };
  const pin = async (base: NamedBase): Promise<{ pin: Pin; warnings: readonly string[] }> => {
    const { pinOf, warnings } = await resolveBases([buildOn(base)], options);
    return { pin: pinOf(base, engine), warnings: warnings.map(({ message }) => message) };
  };
  return { mine: known["mine.test"] as Registry, home: known["home.test"] as Registry, pin };
}

function silent(host: string): Registry {
  const registry = memoryRegistry(host);
  registry.endpoints.headManifest = async () => {
    throw new FailedError([error("registry-unreachable", `${host} cannot be reached`)]);
  };
  return registry;
}

describe("a parent that is not built in the run", () => {
  it("is what its stable tag is now in the repository of the run", async () => {
    const { mine, home, pin } = world(createRecordEngine(["mine.test/x/sci/base:1.0"]));
    await publish(home, "y/sci/base", "1.0", "home");
    const digest = await publish(mine, "x/sci/base", "1.0", "mine");
    expect(await pin(parent)).toEqual({
      pin: { reference: `mine.test/x/sci/base:1.0@${digest}`, name: "mine.test/x/sci/base:1.0", digest },
      warnings: [],
    });
  });

  it("is that of the home repository where the run's own has none", async () => {
    const { home, pin } = world(createRecordEngine());
    const digest = await publish(home, "y/sci/base", "1.0", "home");
    expect((await pin(parent)).pin.reference).toBe(`home.test/y/sci/base:1.0@${digest}`);
  });

  it("is refused when it is published nowhere, whatever lies on this machine", async () => {
    const { pin } = world(createRecordEngine(["mine.test/x/sci/base:1.0"]));
    await expect(pin(parent)).rejects.toMatchObject({
      name: "RefusedError",
      diagnostics: [{ code: "parent-not-published" }],
    });
  });

  it("may be a local copy when the registry does not answer, with a warning that names it", async () => {
    const { pin } = world(createRecordEngine(["down.test/x/sci/base:1.0"]), { repositories: ["down.test/x"] });
    const { pin: found, warnings } = await pin(parent);
    expect(found.reference).toBe("down.test/x/sci/base:1.0");
    expect(warnings).toEqual([expect.stringContaining("down.test/x/sci/base:1.0 is used as it is on this machine")]);
  });

  it("is never a local copy in what is published", async () => {
    const engine = createRecordEngine(["down.test/x/sci/base:1.0"]);
    const { pin } = world(engine, { repositories: ["down.test/x"], mayUseLocal: false });
    await expect(pin(parent)).rejects.toThrow("down.test cannot be reached");
  });

  it("may be named by its unique tag", async () => {
    const { mine, pin } = world(createRecordEngine());
    const digest = await publish(mine, "x/sci/base", "1.0-3-abcdef0", "mine");
    const name = "sci/base:1.0-3-abcdef0";
    const source = { kind: "pinned", target: "base", tag: "1.0-3-abcdef0", repository: "sci/base" } as const;
    expect((await pin({ kind: "named", name, source })).pin.digest).toBe(digest);
  });
});

describe("somebody else's image", () => {
  it("is what the engine pulls", async () => {
    const engine = createRecordEngine(["debian:1"]);
    const { pin } = world(engine);
    expect((await pin(debian)).pin.name).toBe("docker.io/library/debian:1");
    expect(engine.commands).toEqual([["docker", "pull", "debian:1"]]);
  });

  it("is asked of its registry for an engine without a store", async () => {
    const { store: _, ...engine } = createRecordEngine();
    const { mine, pin } = world(engine);
    const digest = await publish(mine, "tools/x", "2", "tool");
    const base: NamedBase = { kind: "named", name: "mine.test/tools/x:2", source: { kind: "external" } };
    expect((await pin(base)).pin.reference).toBe(`mine.test/tools/x:2@${digest}`);
  });

  it("is not asked of an engine that is not there: that is the problem to tell", async () => {
    const { pin } = world(createDockerEngine({ PATH: "/nowhere" }));
    await expect(pin(debian)).rejects.toMatchObject({ diagnostics: [{ code: "no-engine" }] });
  });

  it("that cannot be had is told of together with the others", async () => {
    const engine = createRecordEngine();
    const builds = [debian, { ...debian, name: "debian:2" }].map(buildOn);
    const failing = resolveBases(builds, {
      repositories: [],
      registries: { registryFor: () => memoryRegistry(), close: async () => undefined },
      engineFor: () => engine,
      mayUseLocal: true,
      task: task(),
    });
    await expect(failing).rejects.toMatchObject({ diagnostics: { length: 2 } });
  });
});
