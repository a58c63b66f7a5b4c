import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AssembleEngine, createAssembleEngine } from "../../../src/engines/assemble/engine.ts";
import { openLayout } from "../../../src/registry/layout.ts";
import { createRegistries } from "../../../src/registry/registries.ts";
import { engineEnvironment, type TestEngine, testWorld } from "../../support/world.ts";
import { baseConfig, pushImage } from "./base-images.ts";
import type { CaseFile } from "./cases/model.ts";
import { makeContext, quietTask, readyBuild } from "./workshop.ts";

const world = testWorld();
const registries = createRegistries();
const registry = registries.registryFor(world.registry);
const prefix = `assemble-judges-${process.pid}`;
const { buildah, crane, skopeo, umoci } = world.tools;
let scratch: string;
let engine: AssembleEngine;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "assemble-judges-"));
  engine = createAssembleEngine({ registries, cache: join(scratch, "cache"), temporary: scratch });
});

afterAll(async () => {
  await engine.close();
  await registries.close();
  await rm(scratch, { recursive: true, force: true });
});

const run = async (command: readonly string[], environment: Record<string, string> = {}): Promise<string> => {
  const [program = "", ...args] = command;
  const { stdout } = await promisify(execFile)(program, args, { env: { ...process.env, ...environment } });
  return stdout;
};

const files: Record<string, CaseFile> = {
  start: { text: '#!/bin/sh\necho "$GREETING, $(id -un)"; cat /srv/text; ls /lib/extra\n', mode: 0o755 },
  text: "from the context\n",
  [`long/${"n".repeat(120)}/ünï`]: "deep",
  link: { link: "text" },
};

/** Images of every kind: on a real base of each family of media types, and on none. */
const kinds: Readonly<Record<string, { dockerfile: string; says?: string }>> = {
  debian: {
    dockerfile: [
      `FROM ${world.mirror}/library/debian:bookworm-slim`,
      "COPY <<EOF /etc/passwd",
      "root:x:0:0:root:/root:/bin/sh\nreader:x:1234:1234::/srv:/bin/sh\nEOF",
      "COPY --chmod=755 start /opt/start",
      "COPY . /srv/",
      "COPY --chown=reader text /lib/extra/",
      "ENV GREETING=hello",
      "USER reader",
      "WORKDIR /srv/work",
      'ENTRYPOINT ["/opt/start"]',
      "",
    ].join("\n"),
    says: "hello, reader\nfrom the context\ntext\n",
  },
  scratch: { dockerfile: "FROM scratch\nCOPY . /\nLABEL a=b\n" },
  "no-layer": { dockerfile: "FROM scratch\nENV A=1\n" },
};

async function publish(name: string, dockerfile: string): Promise<string> {
  const reference = `${world.registry}/${prefix}/${name}:1`;
  const workshop = await makeContext(files);
  await engine.push(
    await engine.build(readyBuild(workshop, dockerfile, [reference, reference]), quietTask()),
    reference,
    quietTask(),
  );
  await workshop.remove();
  return reference;
}

const runBy = (engineOf: TestEngine, ...command: string[]): Promise<string> =>
  run([engineOf.client, ...command], {
    ...engineEnvironment(engineOf),
    PATH: `${dirname(engineOf.client)}:${process.env["PATH"]}`,
  });

describe("an assembled image", () => {
  it.each(Object.entries(kinds))("of %s is accepted by crane, skopeo and umoci", async (name, { dockerfile }) => {
    const reference = await publish(name, dockerfile);
    await run([crane, "validate", "--remote", reference, "--insecure"]);
    expect(JSON.parse(await run([skopeo, "inspect", "--tls-verify=false", `docker://${reference}`]))).toMatchObject({
      Architecture: "amd64",
    });
    const layout = join(scratch, `layout-${name}`);
    await run([skopeo, "copy", "--src-tls-verify=false", `docker://${reference}`, `oci:${layout}:1`]);
    await run([umoci, "unpack", "--image", `${layout}:1`, join(scratch, `bundle-${name}`)]);
  });

  it.each([...Object.keys(kinds), "no-history"])("of %s is what buildah builds on and commits", async (name) => {
    const base = await pushImage(registry, `${prefix}/untold`, "1", [[{ path: "x", text: "x" }]], {}, "oci", {
      history: [],
    });
    const reference = await publish(`built-on-${name}`, kinds[name]?.dockerfile ?? `FROM ${base}\nCOPY text /srv/\n`);
    const [root, runroot] = [join(scratch, `storage-${name}`), join(scratch, `run-${name}`)];
    const by = (...command: string[]): Promise<string> =>
      run([buildah, "--root", root, "--runroot", runroot, "--storage-driver=vfs", ...command]);
    const container = (await by("from", "--tls-verify=false", `docker://${reference}`)).trim();
    await by("config", "--env", "COMMITTED=1", container);
    const committed = join(scratch, `committed-${name}`);
    await by("commit", "--disable-compression", container, `oci:${committed}:1`);
    const { config, history } = JSON.parse(await run([skopeo, "inspect", "--config", `oci:${committed}:1`]));
    expect(config.Env).toContain("COMMITTED=1");
    const told = history.filter(({ empty_layer }: { empty_layer?: boolean }) => !empty_layer).length;
    expect(JSON.parse(await run([skopeo, "inspect", `oci:${committed}:1`])).Layers).toHaveLength(told);
  });

  it.each([
    ["20.10", world.engine],
    ["28.5", world.modern],
  ] as const)("is pulled and run by Docker %s", async (_, docker) => {
    const { dockerfile, says } = kinds["debian"] ?? { dockerfile: "" };
    const reference = await publish(`run-${docker === world.engine ? "old" : "new"}`, dockerfile);
    await runBy(docker, "pull", "-q", reference);
    expect(await runBy(docker, "run", "--rm", "--network=none", reference)).toBe(says);
  });

  it("of Docker's media types is accepted by crane and run by Docker", async () => {
    const base = await pushImage(
      registry,
      `${prefix}/docker-base`,
      "1",
      [[{ path: "etc/" }, { path: "etc/passwd", text: "a:x:5:6::/:/bin/sh\n" }]],
      baseConfig,
      "docker",
    );
    const reference = await publish("docker", `FROM ${base}\nCOPY --chown=a . /srv/\n`);
    await run([crane, "validate", "--remote", reference, "--insecure"]);
    await runBy(world.engine, "pull", "-q", reference);
  });

  it("in an OCI layout is accepted by crane, skopeo and umoci", async () => {
    const folder = join(scratch, "layout");
    const destination = await openLayout(folder);
    const local = createAssembleEngine({ registries, cache: join(scratch, "cache"), temporary: scratch, destination });
    const workshop = await makeContext(files);
    const reference = "registry.test/images/rel/a:1.0-1-abc";
    const ready = readyBuild(workshop, kinds["debian"]?.dockerfile ?? "", [
      reference,
      "registry.test/images/rel/a:1.0",
    ]);
    await local.push(await local.build(ready, quietTask()), reference, quietTask());
    await Promise.all([local.close(), workshop.remove()]);
    await run([crane, "validate", "--tarball", await tarOf(folder)]);
    const name = JSON.parse(await run(["cat", join(folder, "index.json")])).manifests[0].annotations[
      "org.opencontainers.image.ref.name"
    ];
    await run([skopeo, "inspect", `oci:${folder}:${name}`]);
  });
});

async function tarOf(folder: string): Promise<string> {
  const file = join(scratch, "layout.tar");
  const name = JSON.parse(await run(["cat", join(folder, "index.json")])).manifests[0].annotations[
    "org.opencontainers.image.ref.name"
  ];
  await run([skopeo, "copy", `oci:${folder}:${name}`, `docker-archive:${file}:a:1`]);
  return file;
}
