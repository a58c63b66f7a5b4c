import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import type { Registries } from "../../src/registry/model.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { attestPublished } from "../../src/trust/attest.ts";
import type { ImageVerdict } from "../../src/trust/model.ts";
import { allSubjects, namedSubjects } from "../../src/trust/subjects.ts";
import { verifyImages } from "../../src/trust/verify.ts";
import { type RunningRegistry, startRegistry } from "../support/registry.ts";
import { type Repository, repositoryAt } from "../support/repository.ts";
import { layerOf, type Pieces, type PublishedCatalogue, type PushedImage, publishHead, push } from "./published.ts";

const definition = (image: string, version: string) => ({ image, version, compat: "jupyter" });

/** Two science layers in a chain, an interface of two layers that makes three. */
const files = {
  "science/nist/Dockerfile": "FROM debian:bookworm-slim\nRUN one\nRUN two\n",
  "science/nist/sciserver-image.json": definition("nist", "1.0"),
  "science/nist-2/Dockerfile": "FROM sci/nist:1.0\nCOPY data /data\n",
  "science/nist-2/data": "numbers\n",
  "science/nist-2/sciserver-image.json": definition("nist", "2.0"),
  "compat/common/Dockerfile": "RUN user\n",
  "compat/common/sciserver-image.json": {},
  "compat/jupyter/Dockerfile": "RUN install\nCOPY start /start\nUSER idies\n",
  "compat/jupyter/start": "#!/bin/sh\n",
  "compat/jupyter/sciserver-image.json": { includes: ["common"] },
};

describe("verify", () => {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-verify-"));
  let server: RunningRegistry;
  let registries: Registries;
  let history: Repository;
  let counter = 0;

  beforeAll(async () => {
    server = await startRegistry();
    registries = createRegistries({ limits: { attempts: 1 } });
    history = repositoryAt(folder, files);
    history.commit({ "README.md": "a catalogue\n" });
  });
  afterAll(async () => {
    await registries.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A catalogue published below a prefix of its own, to be meddled with. */
  class World {
    readonly repo: string;
    published: PublishedCatalogue = { images: new Map() };
    constructor(repo: string) {
      this.repo = repo;
    }
    get registry() {
      return registries.registryFor(server.host);
    }
    image(id: string): PushedImage {
      const found = this.published.images.get(id);
      if (!found) throw new Error(`no image ${id}`);
      return found;
    }
    async publish(): Promise<void> {
      this.published = await publishHead(folder, this.repo, this.registry);
    }
    /** Puts other pieces behind tags of the image that users pull. */
    async replace(tags: readonly string[], change: (pieces: Pieces) => Partial<Pieces>): Promise<void> {
      const { pieces, repository } = this.image("compat/nist:2.0");
      await push(this.registry, repository, tags, { ...pieces, ...change(pieces) });
    }
    async verify(name = "nist:2.0"): Promise<ImageVerdict> {
      const catalogue = loadCatalogue(folder, { repo: this.repo });
      const [verdict] = await verifyImages(namedSubjects([name], catalogue), { catalogue, registries, git: true });
      if (!verdict) throw new Error("no verdict");
      return verdict;
    }
  }

  async function published(): Promise<World> {
    counter += 1;
    const world = new World(`${server.host}/w${counter}`);
    await world.publish();
    return world;
  }

  const codes = ({ problems }: ImageVerdict): string[] => problems.map(({ code }) => code).sort();

  it("finds an image as it was published untouched, and says what the interface set", async () => {
    const world = await published();
    const found = await world.verify();
    expect(found).toMatchObject({ verdict: "untouched", problems: [], compatLayers: 3 });
    expect(found.science).toMatchObject({ layers: 4, digest: world.image("science/nist-2").digest });
    expect(found.drift).toEqual([
      { what: "USER", image: "idies" },
      { what: "ENTRYPOINT", image: '["/start"]' },
    ]);
    expect(found.statements).toEqual([]);
  });

  it("proves a build by its unique tag and by its digest as well", async () => {
    const world = await published();
    const { repository, unique, digest } = world.image("compat/nist:1.0");
    const first = await world.verify(`${server.host}/${repository}:${unique}`);
    expect(first).toMatchObject({ verdict: "untouched", digest });
    expect(await world.verify(`${server.host}/${repository}@${digest}`)).toMatchObject({
      verdict: "untouched",
      digest,
    });
  });

  it("catches a science layer that was replaced", async () => {
    const world = await published();
    const { unique } = world.image("compat/nist:2.0");
    const other = layerOf("something else");
    await world.replace([unique, "2.0"], ({ layers, diffIds }) => ({
      layers: layers.with(1, other.bytes),
      diffIds: diffIds.with(1, other.diffId),
    }));
    const found = await world.verify();
    expect(found.verdict).toBe("changed");
    expect(codes(found)).toEqual(["science-layer-replaced"]);
    expect(found.problems[0]?.message).toBe("layer 2 of the 4 of science is not that of the science image");
  });

  it("catches a science layer whose bytes were replaced behind a configuration that still claims the old content", async () => {
    const world = await published();
    const { unique } = world.image("compat/nist:2.0");
    await world.replace([unique, "2.0"], ({ layers }) => ({ layers: layers.with(1, layerOf("something else").bytes) }));
    expect(codes(await world.verify())).toEqual(["science-layer-replaced"]);
  });

  it("catches a layer inserted below the interface, with and without an entry in the history", async () => {
    const world = await published();
    const { unique } = world.image("compat/nist:2.0");
    const other = layerOf("inserted");
    const insert = ({ layers, diffIds, history: lines }: Pieces): Partial<Pieces> => ({
      layers: layers.toSpliced(4, 0, other.bytes),
      diffIds: diffIds.toSpliced(4, 0, other.diffId),
      history: lines.toSpliced(4, 0, { created_by: "RUN install" }),
    });
    await world.replace([unique, "2.0"], insert);
    const found = await world.verify();
    expect(found.verdict).toBe("changed");
    expect(codes(found)).toEqual(["layer-inserted"]);
    await world.replace([unique, "2.0"], (pieces) => ({ ...insert(pieces), history: pieces.history }));
    expect(codes(await world.verify())).toContain("layers-disagree");
  });

  it("catches a layer inserted among those of science", async () => {
    const world = await published();
    const other = layerOf("inserted");
    await world.replace(["2.0"], ({ layers, diffIds }) => ({
      layers: layers.toSpliced(2, 0, other.bytes),
      diffIds: diffIds.toSpliced(2, 0, other.diffId),
      history: [],
    }));
    expect(codes(await world.verify())).toContain("science-layer-replaced");
  });

  it.each([
    ["org.sciserver.compat.inputs", `sha256:${"0".repeat(64)}`, "inputs-disagree"],
    ["org.sciserver.science.nist.inputs", `sha256:${"0".repeat(64)}`, "inputs-disagree"],
    ["org.sciserver.compat.version", "nist:2.0-2-0000000", "label-disagrees"],
    ["org.sciserver.compat.version", "nist:3.0-2-0000000", "label-disagrees"],
    ["org.sciserver.compat.version", "other:2.0-2-0000000", "label-disagrees"],
    ["org.sciserver.compat.version", "rubbish", "label-unreadable"],
    ["org.sciserver.compat.layers", "jupyter", "label-disagrees"],
    ["org.sciserver.compat.buildtime", "1700000099.0", "label-disagrees"],
    ["org.sciserver.compat.base", "evil.example.org/sci/nist-2:1.0", "science-elsewhere"],
    ["org.sciserver.science.nist-2.version", "2.0-1-0000000", "label-disagrees"],
    ["org.sciserver.science.nist.buildtime", "1600000000.0", "label-disagrees"],
    ["org.sciserver.science.more.version", "2.0-1-0000000", "label-disagrees"],
    ["org.opencontainers.image.revision", "0".repeat(40), "label-disagrees"],
    ["org.opencontainers.image.version", "2.0-1-0000000", "label-disagrees"],
    ["org.opencontainers.image.base.digest", `sha256:${"0".repeat(64)}`, "label-disagrees"],
  ])("catches the label %s changed to %s", async (key, value, code) => {
    const world = await published();
    const { unique } = world.image("compat/nist:2.0");
    await world.replace([unique, "2.0"], ({ config }) => ({
      config: { ...config, Labels: { ...config.Labels, [key]: value } },
    }));
    const found = await world.verify();
    expect(found.verdict).toBe("changed");
    expect(codes(found)).toContain(code);
  });

  it("catches a label that was taken away, and the variable that says otherwise", async () => {
    const world = await published();
    await world.replace(["2.0"], ({ config }) => {
      const { "org.sciserver.science.nist.version": _, ...Labels } = config.Labels ?? {};
      return { config: { ...config, Labels } };
    });
    expect(codes(await world.verify())).toContain("label-unreadable");
    await world.replace(["2.0"], ({ config }) => ({
      config: { ...config, Env: ["SCISERVER_IMAGE=nist:1.0-2-abcdef0"] },
    }));
    expect(codes(await world.verify())).toContain("label-disagrees");
  });

  it("catches a stable tag that was moved by hand, to another image or to an older build", async () => {
    const world = await published();
    const before = world.image("compat/nist:2.0");
    await push(world.registry, before.repository, ["2.0"], world.image("compat/nist:1.0").pieces);
    const other = await world.verify();
    expect(other.verdict).toBe("changed");
    expect(other.problems.map(({ message }) => message)).toContain(
      `the labels say that this is nist:${world.image("compat/nist:1.0").unique}, and it is published as nist:2.0`,
    );

    history.commit({ "compat/jupyter/start": "#!/bin/sh\n# newer\n" });
    await world.publish();
    expect(await world.verify()).toMatchObject({ verdict: "untouched", newest: "newest", signed: "unsigned" });
    await push(world.registry, before.repository, ["2.0"], before.pieces);
    const behind = await world.verify();
    expect(behind).toMatchObject({ verdict: "untouched", newest: "behind", problems: [] });
    expect(behind.doubts.map(({ code }) => code)).toEqual(["stable-tag-behind"]);
    const { settings, ...rest } = loadCatalogue(folder, { repo: world.repo });
    const withdrawn = [{ image: "nist", tag: world.image("compat/nist:2.0").unique, reason: "it is broken" }];
    const catalogue = { ...rest, settings: { ...settings, withdrawn } };
    const options = { catalogue, registries, git: true };
    expect(await verifyImages(namedSubjects(["nist:2.0"], catalogue), options)).toMatchObject([
      { verdict: "untouched" },
    ]);
  });

  it("catches a science image that was replaced behind its unique tag", async () => {
    const world = await published();
    const { pieces, repository, unique } = world.image("science/nist-2");
    const other = layerOf("something else");
    await push(world.registry, repository, [unique], {
      ...pieces,
      layers: pieces.layers.with(1, other.bytes),
      diffIds: pieces.diffIds.with(1, other.diffId),
    });
    expect(codes(await world.verify())).toEqual(["unique-tag-moved"]);
  });

  it("catches a layer replaced in the image, its science image, all their tags and labels, by the science image below", async () => {
    const world = await published();
    const other = layerOf("something else");
    const change = (pieces: Pieces): Pieces => ({
      ...pieces,
      layers: pieces.layers.with(1, other.bytes),
      diffIds: pieces.diffIds.with(1, other.diffId),
    });
    const science = world.image("science/nist-2");
    const digest = await push(
      world.registry,
      science.repository,
      [science.unique, science.stable],
      change(science.pieces),
    );
    const { pieces, repository, unique, stable } = world.image("compat/nist:2.0");
    const labels = Object.entries(pieces.config.Labels ?? {}).map(([key, value]) => [
      key,
      value.replace(science.digest, digest),
    ]);
    const config = { ...pieces.config, Labels: Object.fromEntries(labels) };
    await push(world.registry, repository, [unique, stable], { ...change(pieces), config });
    const found = await world.verify();
    expect(found.verdict).toBe("changed");
    expect(found.problems.map(({ message }) => message)).toEqual([
      "sci/nist-2, held against sci/nist below it: layer 2 of the 3 of science is not that of the science image",
    ]);
  });

  it("answers for the others when one is missing, unreadable or at a registry that is down", async () => {
    const world = await published();
    const catalogue = loadCatalogue(folder, { repo: world.repo });
    const names = ["nist:9.9", `127.0.0.1:1/rel/nist:2.0`, "nist:2.0"];
    const found = await verifyImages(namedSubjects(names, catalogue), { catalogue, registries, git: true });
    expect(found.map(({ verdict }) => verdict)).toEqual(["unknown", "unknown", "untouched"]);
    expect(found[0]?.problems[0]?.message).toBe("there is no such image");
    expect(found[1]?.problems).toHaveLength(1);
  });

  it("finds everything that users can pull with --all, orphans as well", async () => {
    const world = await published();
    const catalogue = loadCatalogue(folder, { repo: world.repo });
    const { pieces, repository } = world.image("compat/nist:1.0");
    await push(world.registry, repository, ["0.9"], pieces);
    const all = await allSubjects(catalogue, registries);
    expect(all.problems).toEqual([]);
    expect(all.subjects.map(({ reference }) => reference.tag)).toEqual(["0.9", "1.0", "2.0"]);
  });

  it("understands images that carry only the labels of the original tool", async () => {
    const world = await published();
    const only = (pieces: Pieces): Pieces => ({
      ...pieces,
      config: {
        ...pieces.config,
        Labels: Object.fromEntries(
          Object.entries(pieces.config.Labels ?? {}).filter(([key]) =>
            /^org\.sciserver\..*\.(?:version|buildtime)$/.test(key),
          ),
        ),
      },
    });
    for (const id of ["science/nist", "science/nist-2", "compat/nist:2.0"]) {
      const { pieces, repository, unique, stable } = world.image(id);
      await push(world.registry, repository, [unique, stable], only(pieces));
    }
    const found = await world.verify();
    expect(found.problems).toEqual([]);
    expect(found).toMatchObject({ verdict: "untouched", compatLayers: 3 });
  });

  it("compares an attached verdict with the image", async () => {
    const world = await published();
    const image = world.image("compat/nist:2.0");
    const unique = `${server.host}/${image.repository}:${image.unique}`;
    const attested = await attestPublished([{ unique, digest: image.digest }], {
      registries,
      prefixes: [world.repo],
      time: 1_700_000_000,
    });
    expect(attested).toMatchObject([{ unique, verdict: "untouched", problems: [] }]);
    expect((await world.verify()).statements).toEqual([
      { predicateType: "https://sciserver.org/image-builder/verdict/v1", signature: "none", subject: "this-image" },
    ]);
  });
});
