import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { DeclaredSection } from "../../../src/compose/model.ts";
import { fetchFacts } from "../../../src/contents/referrer.ts";
import { type AssembleEngine, createAssembleEngine } from "../../../src/engines/assemble/engine.ts";
import type { ReadyBuild } from "../../../src/engines/model.ts";
import { createIndexCache } from "../../../src/files/cache.ts";
import { publishIndex } from "../../../src/files/publish.ts";
import { fetchIndex } from "../../../src/files/referrer.ts";
import { readImage } from "../../../src/registry/image.ts";
import { openLayout } from "../../../src/registry/layout.ts";
import { type MemoryRegistries, memoryRegistries } from "../../support/memory-registry.ts";
import { baseConfig, baseLayers, pushImage } from "./base-images.ts";
import type { CaseFile } from "./cases/model.ts";
import { flatten } from "./flatten.ts";
import { makeContext, quietTask, readyBuild, type Workshop } from "./workshop.ts";

const host = "registry.test:5000";
let registries: MemoryRegistries;
let root: string;
let engine: AssembleEngine;
let base: string;
const workshops: Workshop[] = [];

beforeEach(async () => {
  registries = memoryRegistries();
  root = await mkdtemp(join(tmpdir(), "assemble-engine-"));
  engine = createAssembleEngine({ registries, cache: join(root, "cache"), temporary: root });
  base = await pushImage(registries.registryFor(host), "sci/base", "1", baseLayers, baseConfig);
});

afterEach(async () => {
  await engine.close();
  await Promise.all(workshops.splice(0).map((each) => each.remove()));
  await rm(root, { recursive: true, force: true });
});

const calls = (): string[] => registries.registryFor(host).calls;
const blobReads = (): string[] => calls().filter((call) => call.startsWith("getBlob"));

async function make(
  name: string,
  dockerfile: string,
  files: Readonly<Record<string, CaseFile>> = {},
  more: Partial<ReadyBuild> = {},
  by: AssembleEngine = engine,
) {
  const workshop = await makeContext(files);
  workshops.push(workshop);
  const reference = `${host}/${name}:1.0-1-abc`;
  const image = await by.build(readyBuild(workshop, dockerfile, [reference, `${host}/${name}:1.0`], more), quietTask());
  return { reference, image, push: () => by.push(image, reference, quietTask()) };
}

/** How many layers an image has, and of how many what was learned is attached. */
async function knownLayers(repository: string, tag: string) {
  const registry = registries.registryFor(host);
  const image = await readImage(registry.repository(repository), tag, { os: "linux", architecture: "amd64" });
  const diffIds = image?.config.rootfs.diff_ids ?? [];
  const facts = image && (await fetchFacts(registry, repository, image.descriptor.digest, diffIds, 1e6));
  return { layers: diffIds.length, known: facts?.size };
}

describe("an assembled image", () => {
  it("takes no byte of a layer of its base, once the files are known", async () => {
    const registry = registries.registryFor(host);
    await publishIndex(registry, base, createIndexCache(join(root, "elsewhere")));
    const { manifest } = await flatten(registry, base);
    calls().length = 0;
    const { push } = await make("rel/a", `FROM ${base}\nCOPY x /lib/x\nUSER idies\nWORKDIR /new\n`, { x: "x" });
    await push();
    const read = blobReads();
    expect(read.filter((call) => manifest.layers.some(({ digest }) => call.includes(digest)))).toEqual([]);
    // The config, and the index of the files.
    expect(read).toHaveLength(2);
  });

  it("asks for no file when no instruction needs one", async () => {
    const { push } = await make("rel/a", `FROM ${base}\nENV A=1\nCMD ["x"]\n`);
    await push();
    expect(calls().filter((call) => call.startsWith("listReferrers"))).toEqual([]);
    expect(blobReads()).toHaveLength(1);
  });

  it("sends a layer once for twenty images, and needs at most 12 requests for each", async () => {
    const bases: string[] = [];
    for (let at = 0; at < 20; at += 1) {
      const own = [
        ...baseLayers,
        [
          { path: `opt/own-${at}`, text: `${at}` },
          { path: "opt/", mode: 0o775, gid: 50 },
        ],
      ];
      bases.push(await pushImage(registries.registryFor(host), `sci/s${at}`, "1", own, baseConfig));
      await publishIndex(registries.registryFor(host), bases.at(-1) ?? "", createIndexCache(join(root, "cache")));
    }
    calls().length = 0;
    await Promise.all(
      bases.map(async (each, at) => {
        const { push } = await make(`rel/r${at}`, `FROM ${each}\nCOPY x /srv/x\nENV A=1\n`, { x: "x".repeat(100_000) });
        await push();
      }),
    );
    const uploads = calls().filter((call) => call.startsWith("putBlob"));
    expect(uploads).toHaveLength(1 + 20);
    // Three layers of each base, and ours: the first image asks for it where it is going to be.
    expect(calls().filter((call) => call.startsWith("mountBlob"))).toHaveLength(20 * 4);
    expect(calls().length / 20).toBeLessThanOrEqual(12);
  });

  it("asks for nothing that the image before it has brought into the repository", async () => {
    await (await make("rel/a", `FROM ${base}\nCOPY x /srv/x\n`, { x: "x" })).push();
    const registry = registries.registryFor(host);
    const previous = await registry.repository("rel/a").manifests.get("1.0-1-abc");
    await registry
      .repository("rel/a")
      .manifests.put("1.0", previous?.descriptor.mediaType ?? "", previous?.bytes ?? Buffer.of());
    const fresh = createAssembleEngine({ registries, cache: join(root, "cache"), temporary: root });
    calls().length = 0;
    await (await make("rel/a", `FROM ${base}\nCOPY x /srv/y\n`, { x: "x" }, {}, fresh)).push();
    expect(calls().filter((call) => call.startsWith("mountBlob"))).toHaveLength(1);
    await fresh.close();
  });

  it("leaves out stages that nobody needs, whatever they would run", async () => {
    const stages = `FROM ${base} AS unused\nRUN exit 1\nFROM ${base} AS used\nCOPY x /x\n`;
    const { push, reference } = await make("rel/a", `${stages}FROM ${base}\nCOPY --from=used /x /srv/\n`, { x: "x" });
    await push();
    expect((await flatten(registries.registryFor(host), reference)).files["srv/x"]).toBeDefined();
  });

  it("gives what it unpacks to whom --chown says", async () => {
    const files = { "a.tgz": { tar: [{ path: "d/f", text: "f", uid: 8 }], gzip: true } } as const;
    const { push, reference } = await make(
      "rel/a",
      `FROM ${base}\nADD --chown=idies a.tgz /srv/\nADD a.tgz /tmp/\n`,
      files,
    );
    await push();
    const made = (await flatten(registries.registryFor(host), reference)).files;
    expect(JSON.parse(made["srv/d/f"] ?? "{}")).toMatchObject({ uid: 1000, gid: 1001 });
    expect(JSON.parse(made["tmp/d/f"] ?? "{}")).toMatchObject({ uid: 8, gid: 0 });
  });

  it("makes one layer of small neighbours, and keeps large ones apart", async () => {
    const files = { a: "a", b: "b", large: "x".repeat(5_000_000) };
    const lines = [
      "COPY a /srv/a",
      "ENV A=1",
      "COPY b /srv/b",
      "WORKDIR /srv/w",
      "COPY large /srv/large",
      "COPY a /srv/b",
    ];
    const { push, reference } = await make("rel/a", `FROM ${base}\n${lines.join("\n")}\n`, files);
    await push();
    const { manifest, config, files: made } = await flatten(registries.registryFor(host), reference);
    expect(manifest.layers).toHaveLength(2 + 3);
    const layered = config.history?.filter((each) => !each.empty_layer).map((each) => each.created_by);
    expect(layered?.slice(2)).toEqual([
      "WORKDIR /srv/w",
      "COPY large /srv/large # buildkit",
      "COPY a /srv/b # buildkit",
    ]);
    expect(JSON.parse(made["srv/b"] ?? "{}").content).toBe(JSON.parse(made["srv/a"] ?? "{}").content);
  });

  it("is published although the upload of a layer for another image has failed", async () => {
    const registry = registries.registryFor(host);
    const original = registry.endpoints.putBlob.bind(registry.endpoints);
    registry.endpoints.putBlob = async (repository, blob, source) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (repository === "rel/r0") throw new Error("no room in rel/r0");
      return original(repository, blob, source);
    };
    const images = await Promise.all(
      [0, 1, 2].map((at) => make(`rel/r${at}`, `FROM ${base}\nCOPY x /srv/x\nENV A=1\n`, { x: "x" })),
    );
    const pushed = await Promise.allSettled(images.map(({ push }) => push()));
    expect(pushed.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  });

  it("is the same, byte for byte, wherever and whenever it is made", async () => {
    const files = { "b/y": "y", a: { text: "x", mode: 0o755 } } as const;
    const dockerfile = "FROM scratch\nCOPY --chown=7 . /srv/\n";
    const one = await make("rel/a", dockerfile, files);
    const other = createAssembleEngine({ registries, cache: join(root, "other"), temporary: root });
    const two = await make("rel/a", dockerfile, files, {}, other);
    expect(two.image.manifest).toBe(one.image.manifest);
    await one.push();
    const { manifest } = await flatten(registries.registryFor(host), one.reference);
    const blob = registries
      .registryFor(host)
      .store.repository("rel/a")
      .blobs.get(manifest.layers[0]?.digest ?? ("" as never));
    expect(blob?.subarray(0, 10).toString("hex")).toBe("1f8b08000000000000ff");
    expect(
      createHash("sha256")
        .update(gunzipSync(blob ?? ""))
        .digest("hex"),
    ).toMatchInlineSnapshot(`"e57415e344b4edafb4c6fb9441b30f7cd97f2c8cc8e40f221a4dbcf30afb4138"`);
    await other.close();
  });

  it("stays of the family of its base", async () => {
    const docker = await pushImage(registries.registryFor(host), "sci/docker", "1", baseLayers, baseConfig, "docker");
    const { push, reference } = await make("rel/a", `FROM ${docker}\nCOPY x /x\n`, { x: "x" });
    await push();
    const { manifest } = await flatten(registries.registryFor(host), reference);
    const types = [manifest.mediaType, manifest.config.mediaType, ...manifest.layers.map(({ mediaType }) => mediaType)];
    expect(types.every((type) => type.startsWith("application/vnd.docker."))).toBe(true);
  });

  it("brings the layers of a base in another registry along", async () => {
    const foreign = await pushImage(registries.registryFor("other.test"), "lib/base", "1", baseLayers, baseConfig);
    const { push, reference } = await make("rel/a", `FROM ${foreign}\nCOPY x /x\n`, { x: "x" });
    await push();
    expect((await flatten(registries.registryFor(host), reference)).files["etc/passwd"]).toBeDefined();
  });

  it("goes into an OCI layout, and is built on there", async () => {
    const layout = await openLayout(join(root, "layout"));
    const local = createAssembleEngine({
      registries,
      cache: join(root, "cache"),
      temporary: root,
      destination: layout,
    });
    const one = await make("sci/a", `FROM ${base}\nCOPY x /srv/x\n`, { x: "x" }, {}, local);
    await one.push();
    const two = await make(
      "rel/a",
      `FROM ${one.reference}@${one.image.manifest}\nCOPY y /srv/y\n`,
      { y: "y" },
      {},
      local,
    );
    await two.push();
    const { files } = await flatten(layout, two.reference);
    expect(Object.keys(files)).toEqual(expect.arrayContaining(["srv/x", "srv/y", "etc/passwd"]));
    expect(calls().filter((call) => call.startsWith("put") && !call.includes("sci/base"))).toEqual([]);
    await local.close();
  });

  it("attaches the index of its files when it is a science image, so that the next needs no layer", async () => {
    const { push, reference, image } = await make(
      "sci/a",
      `FROM ${base}\nCOPY x /srv/x\nCOPY --chown=3 passwd /etc/\n`,
      {
        x: "x",
        passwd: "someone:x:5:6::/:\n",
      },
    );
    await push();
    const fresh = createAssembleEngine({ registries, cache: join(root, "fresh"), temporary: root });
    calls().length = 0;
    const next = await make(
      "rel/a",
      `FROM ${reference}@${image.manifest}\nCOPY --chown=someone y /srv/y\n`,
      { y: "y" },
      {},
      fresh,
    );
    await next.push();
    expect(blobReads()).toHaveLength(2);
    const { files } = await flatten(registries.registryFor(host), next.reference);
    expect(JSON.parse(files["srv/y"] ?? "{}")).toMatchObject({ uid: 5, gid: 6 });
    await fresh.close();
  });

  it("attaches the index that it had to make of its base, beside itself only", async () => {
    const registry = registries.registryFor(host);
    const ours = await pushImage(registry, "images/sci/s", "1", baseLayers, baseConfig);
    const theirs = await pushImage(registry, "others/sci/s", "1", [...baseLayers, [{ path: "more" }]], baseConfig);
    for (const [at, each] of [ours, theirs].entries()) {
      await (await make(`images/rel/r${at}`, `FROM ${each}\nCOPY x /srv/x\n`, { x: "x" })).push();
    }
    expect(calls().filter((call) => call.startsWith("putManifest images/sci/s sha256:"))).toHaveLength(1);
    expect(calls().filter((call) => call.startsWith("putManifest others/sci/s sha256:"))).toHaveLength(0);
    expect(await knownLayers("images/sci/s", "1")).toEqual({ layers: baseLayers.length, known: baseLayers.length });
  });

  it("attaches what was learned of its layers when it is a science image, of its base's and of its own", async () => {
    await (await make("sci/a", `FROM ${base}\nCOPY x /srv/x\n`, { x: "x" })).push();
    const layers = baseLayers.length + 1;
    expect(await knownLayers("sci/a", "1.0-1-abc")).toEqual({ layers, known: layers });
  });

  it("carries labels, time and history", async () => {
    const { push, reference } = await make(
      "rel/a",
      `FROM ${base}\nCOPY x /srv/x\nLABEL own=1\n`,
      { x: "x" },
      { labels: { given: "2" } },
    );
    await push();
    const { config } = await flatten(registries.registryFor(host), reference);
    expect(config.created).toBe("2023-11-14T22:13:20Z");
    expect(config.config?.Labels).toEqual({ "base.label": "b", "base.other": "o", own: "1", given: "2" });
    expect(config.history?.filter((each) => !each.empty_layer)).toHaveLength(config.rootfs.diff_ids.length);
  });
});

const definition = { path: "compat/common/sciserver-image.json", text: '{\n  "user": {}\n}' };
const origin = { source: definition, offset: 4, length: 6 };
const section = (at: number): DeclaredSection => ({
  layer: "common",
  origin,
  at,
  user: { name: "sci", uid: 4000, gid: 4000, group: "sci", home: "/home/sci", shell: "/bin/sh" },
  owner: { name: "sci", uid: 4000, gid: 4000, group: "sci", home: "/home/sci", shell: "/bin/sh" },
  directories: [
    { path: "/home/sci/work", mode: 0o700 },
    { path: "/private", owner: "idies" },
  ],
});

describe("a declared user", () => {
  it("comes into /etc/passwd and /etc/group with its folders, before the instructions behind it", async () => {
    const dockerfile = `FROM ${base}\nENV A=1\nCOPY --chown=sci x /home/sci/x\n`;
    const declared = [section(dockerfile.indexOf("COPY"))];
    const { push, reference } = await make("rel/a", dockerfile, { x: "x" }, { declared });
    await push();
    const { files, config } = await flatten(registries.registryFor(host), reference);
    expect(JSON.parse(files["home/sci"] ?? "{}")).toMatchObject({
      type: "directory",
      mode: "755",
      uid: 4000,
      gid: 4000,
    });
    expect(JSON.parse(files["home/sci/work"] ?? "{}")).toMatchObject({ mode: "700", uid: 4000 });
    expect(JSON.parse(files["home/sci/x"] ?? "{}")).toMatchObject({ uid: 4000, gid: 4000 });
    expect(JSON.parse(files["private"] ?? "{}")).toMatchObject({ mode: "755", uid: 1000, gid: 1001 });
    expect(config.history?.map((each) => each.created_by)).toContain("declared by compat/common");
  });

  it("keeps a user that has the number already", async () => {
    const user = { name: "sci", uid: 1000, gid: 1000, group: "sci", home: "/home/sci", shell: "/bin/sh" };
    const dockerfile = `FROM ${base}\nUSER 1000\n`;
    const declared = [{ layer: "common", origin, at: dockerfile.indexOf("USER"), user, owner: user, directories: [] }];
    const { push, reference } = await make("rel/a", dockerfile, {}, { declared });
    await push();
    const [ours, theirs] = await Promise.all(
      [reference, base].map((each) => flatten(registries.registryFor(host), each)),
    );
    expect(ours?.files["etc/passwd"]).toBe(theirs?.files["etc/passwd"]);
    expect(JSON.parse(ours?.files["home/sci"] ?? "{}")).toMatchObject({ uid: 1000, gid: 1001 });
  });
});

describe("bad input", () => {
  it("names the definition that declares what cannot be", async () => {
    const user = { name: "idies", uid: 5000, gid: 5000, group: "idies", home: "/h", shell: "/bin/sh" };
    const dockerfile = `FROM ${base}\nENV A=1\n`;
    const declared = [{ layer: "common", origin, at: dockerfile.indexOf("ENV"), user, directories: [] }];
    await expect(make("rel/a", dockerfile, {}, { declared })).rejects.toMatchObject({
      diagnostics: [
        {
          code: "account-conflict",
          at: { file: definition.path, line: 2, column: 3 },
          excerpt: { text: '  "user": {}', length: 6 },
        },
      ],
    });
  });

  it("names the line that needs to run something", async () => {
    const failure = make("rel/a", `FROM ${base}\nENV A=1\nRUN make\n`);
    await expect(failure).rejects.toMatchObject({
      diagnostics: [{ message: expect.stringContaining("RUN needs an engine"), at: { line: 3, column: 1 } }],
    });
  });

  it("refuses a file that changed since it was listed", async () => {
    const workshop = await makeContext({ x: "before" });
    workshops.push(workshop);
    await writeFile(join(workshop.folder, "x"), "after!");
    const ready = readyBuild(workshop, "FROM scratch\nCOPY x /x\n", [`${host}/a:1`, `${host}/a:2`]);
    await expect(engine.build(ready, quietTask())).rejects.toThrow("changed while");
  });

  it("refuses a file that cannot be read", async () => {
    const workshop = await makeContext({ x: "before" });
    workshops.push(workshop);
    await rm(join(workshop.folder, "x"));
    const ready = readyBuild(workshop, "FROM scratch\nCOPY x /x\n", [`${host}/a:1`, `${host}/a:2`]);
    await expect(engine.build(ready, quietTask())).rejects.toThrow("cannot be read");
  });

  it("never follows a link out of the context", async () => {
    const files = { "a/up": { link: "../../../etc" }, abs: { link: "/etc/passwd" } } as const;
    await expect(make("rel/a", "FROM scratch\nCOPY abs /x\n", files)).rejects.toThrow("is not there to be copied");
    await expect(make("rel/a", "FROM scratch\nCOPY a/up/passwd /x\n", files)).rejects.toThrow(
      "is not there to be copied",
    );
  });

  it("refuses a loop of links", async () => {
    const files = { a: { link: "b" }, b: { link: "a" } } as const;
    await expect(make("rel/a", "FROM scratch\nCOPY a /x\n", files)).rejects.toThrow("symbolic links");
  });

  it("refuses names that would remove files of the base", async () => {
    await expect(make("rel/a", "FROM scratch\nCOPY . /x\n", { "a/.wh.etc": "" })).rejects.toThrow(".wh.");
  });

  it("refuses an archive that is broken off, and one that leaves its destination", async () => {
    const away = { tar: [{ path: "../../x", text: "x" }] };
    await expect(make("rel/a", "FROM scratch\nADD a.tar /x\n", { "a.tar": away })).rejects.toThrow("leaves it");
  });

  it("takes names that are not UTF-8", async () => {
    const workshop = await makeContext({ x: "x" });
    workshops.push(workshop);
    const name = Buffer.concat([Buffer.from(`${workshop.folder}/caf`), Buffer.from([0xe9])]);
    await writeFile(name, "x");
    const context = workshop.context.map((each) => ({ ...each, path: "caf\udce9", source: "caf\udce9" }));
    const ready = readyBuild(workshop, "FROM scratch\nCOPY . /srv/\n", [`${host}/rel/a:1`, `${host}/rel/a:2`], {
      context,
    });
    await engine.push(await engine.build(ready, quietTask()), `${host}/rel/a:1`, quietTask());
    const { files } = await flatten(registries.registryFor(host), `${host}/rel/a:1`);
    expect(Object.keys(files)).toContain("srv/caf\udce9");
  });

  it.each([
    "ADD --checksum=sha256:0 x /x",
    "COPY --parents x /x",
    "ADD https://example.org/x /x",
    "ADD git@example.org:x.git /x",
  ])("refuses %s", async (line) => {
    await expect(make("rel/a", `FROM scratch\n${line}\n`, { x: "x" })).rejects.toThrow("needs an engine");
  });

  it("says where there was no room for layers", async () => {
    await writeFile(join(root, "no-folder"), "");
    const full = createAssembleEngine({ registries, cache: join(root, "cache"), temporary: join(root, "no-folder") });
    const failure = make("rel/a", "FROM scratch\nCOPY x /x\n", { x: "x" }, {}, full);
    await expect(failure).rejects.toThrow(`cannot be kept in ${join(root, "no-folder")}`);
  });

  it("gives up reading a layer when it is interrupted", async () => {
    const controller = new AbortController();
    const registry = registries.registryFor(host);
    const original = registry.endpoints.getBlob.bind(registry.endpoints);
    registry.endpoints.getBlob = async (repository, blob) => {
      if (!blob.mediaType.includes("tar")) return original(repository, blob);
      setTimeout(() => controller.abort(), 20);
      return new Readable({ read: () => undefined });
    };
    const workshop = await makeContext({ x: "x" });
    workshops.push(workshop);
    const ready = readyBuild(workshop, `FROM ${base}\nCOPY x /lib/\n`, [`${host}/rel/a:1`, `${host}/rel/a:2`]);
    await expect(engine.build(ready, { ...quietTask(), signal: controller.signal })).rejects.toThrow("aborted");
  });

  it("refuses another platform", async () => {
    await expect(make("rel/a", "FROM --platform=linux/arm64 scratch\n")).rejects.toThrow("linux/arm64");
  });

  it("takes 20,000 files in a hundred folders", async () => {
    const workshop = await makeContext({ x: "x" });
    workshops.push(workshop);
    const [file] = workshop.context;
    const context = Array.from({ length: 20_000 }, (_, at) => ({ ...file, path: `d${at % 100}/f${at}` }) as never);
    const reference = `${host}/sci/many:1`;
    const ready = readyBuild(workshop, `FROM ${base}\nCOPY . /lib/many/\n`, [reference, `${host}/sci/many:2`], {
      context,
    });
    await engine.push(await engine.build(ready, quietTask()), reference, quietTask());
    const registry = registries.registryFor(host);
    const image = await readImage(registry.repository("sci/many"), "1", { os: "linux", architecture: "amd64" });
    const index =
      image && (await fetchIndex(registry, "sci/many", image.descriptor.digest, image.config.rootfs.diff_ids, 2 ** 24));
    expect([...(index?.under("usr/lib/many") ?? [])]).toHaveLength(20_100);
  });
});
