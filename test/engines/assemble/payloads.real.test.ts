import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AssembleEngine, createAssembleEngine } from "../../../src/engines/assemble/engine.ts";
import { dockerPayloads } from "../../../src/engines/assemble/files/docker-payloads.ts";
import { createRegistries } from "../../../src/registry/registries.ts";
import { engineEnvironment, testWorld } from "../../support/world.ts";
import { baseConfig, baseLayers, pushImage } from "./base-images.ts";
import { flatten } from "./flatten.ts";
import { makeContext, quietTask, readyBuild } from "./workshop.ts";

const world = testWorld();
const environment = {
  ...process.env,
  ...engineEnvironment(world.engine),
  PATH: `${dirname(world.engine.client)}:${process.env["PATH"]}`,
};
const registries = createRegistries();
const registry = registries.registryFor(world.registry);
const prefix = `assemble-payload-${process.pid}`;
const payload = `localhost/${prefix}:1`;
let scratch: string;
let engine: AssembleEngine;
let base: string;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "assemble-payload-"));
  engine = createAssembleEngine({
    registries,
    cache: join(scratch, "cache"),
    temporary: scratch,
    payloads: dockerPayloads(environment),
  });
  base = await pushImage(registry, `${prefix}/base`, "1", baseLayers, baseConfig);
  const workshop = await makeContext({
    Dockerfile: [
      `FROM ${world.base}`,
      "RUN mkdir -p /out/bin && echo tool >/out/bin/tool && chown 7:8 /out/bin/tool && chmod 4755 /out/bin/tool",
      "RUN ln /out/bin/tool /out/bin/hard && ln -s tool /out/bin/soft && ln -s /out/bin /short && touch -d 2001-02-03 /out/bin/tool",
      "",
    ].join("\n"),
  });
  await run("docker", "build", "--network=host", "-q", "-t", payload, workshop.folder);
  await workshop.remove();
});

afterAll(async () => {
  await engine.close();
  await registries.close();
  await rm(scratch, { recursive: true, force: true });
});

const run = async (...command: string[]): Promise<string> =>
  (await promisify(execFile)(command[0] ?? "", command.slice(1), { env: environment })).stdout;

async function assemble(name: string, dockerfile: string) {
  const reference = `${world.registry}/${prefix}/${name}:1`;
  const workshop = await makeContext();
  await engine.push(
    await engine.build(readyBuild(workshop, dockerfile, [reference, reference]), quietTask()),
    reference,
    quietTask(),
  );
  await workshop.remove();
  return flatten(registry, reference);
}

describe("a stage that docker has built", () => {
  it("is copied from with modes, owners and links, and nothing is pulled", async () => {
    const { files } = await assemble("one", `FROM ${base}\nCOPY --from=${payload} /out /srv/out\n`);
    const tool = JSON.parse(files["srv/out/bin/tool"] ?? "{}");
    expect(tool).toMatchObject({ type: "file", mode: "4755", uid: 7, gid: 8 });
    expect(tool.links).toBe("srv/out/bin/hard srv/out/bin/tool");
    expect(JSON.parse(files["srv/out/bin/soft"] ?? "{}")).toMatchObject({ type: "symlink", link: "tool" });
  });

  it("gives the same layer to every image that copies from it", async () => {
    const other = await pushImage(registry, `${prefix}/other`, "1", [[{ path: "srv/" }]], {});
    const one = await assemble("same-one", `FROM ${base}\nCOPY --from=${payload} /out /srv/out\n`);
    const two = await assemble("same-two", `FROM ${other}\nCOPY --from=${payload} /out /srv/out\n`);
    expect(two.manifest.layers.at(-1)?.digest).toBe(one.manifest.layers.at(-1)?.digest);
  });

  it("is read through links, by patterns, by single files and as a whole", async () => {
    const { files } = await assemble(
      "paths",
      `FROM scratch\nCOPY --from=${payload} /short /a\nCOPY --from=${payload} /out/b*/t* /b/\nCOPY --from=${payload} /out/bin/soft /c\nCOPY --from=${payload} / /d/\n`,
    );
    expect(Object.keys(files).filter((path) => /^[abc]/.test(path))).toEqual([
      "a",
      "a/hard",
      "a/soft",
      "a/tool",
      "b",
      "b/tool",
      "c",
    ]);
    expect(JSON.parse(files["c"] ?? "{}")).toMatchObject({ type: "file", uid: 7 });
    expect(files["d/etc/debian_version"]).toBeDefined();
  });

  it("fails on a source that is not in it", async () => {
    await expect(assemble("absent", `FROM ${base}\nCOPY --from=${payload} /absent /x\n`)).rejects.toThrow(
      '"/absent" is not there',
    );
  });

  it("leaves no container behind", async () => {
    expect(await run("docker", "ps", "-aq", "--filter", "name=image-builder-payload")).toBe("");
  });
});
