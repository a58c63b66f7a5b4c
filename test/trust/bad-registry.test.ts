import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import type { Registries } from "../../src/registry/model.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import type { ImageVerdict } from "../../src/trust/model.ts";
import { subjectOf } from "../../src/trust/subject.ts";
import { verifyImages } from "../../src/trust/verify.ts";
import { type Fault, type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";
import { catalogue } from "../support/literal.ts";
import { layerOf, type Pieces, push } from "./published.ts";

const stamp = "1-abcdef0";
const science = layerOf("science");
const onTop = layerOf("interface");

describe("verify at a registry that misbehaves", () => {
  let server: HttpRegistry;
  let registries: Registries;
  let repo: string;
  beforeEach(async () => {
    server = await startHttpRegistry();
    registries = createRegistries({ limits: { attempts: 1, firstWait: 1, answer: 300 } });
    repo = `${server.host}/r`;
    await publish("good");
    await publish("other");
  });
  afterEach(async () => {
    await registries.close();
    await server.stop();
  });

  /** An image with the labels of the original tool, so that no git is needed. */
  async function publish(name: string): Promise<void> {
    const registry = registries.registryFor(server.host);
    const labels = { [`org.sciserver.science.${name}.version`]: `1.0-${stamp}` };
    const below: Pieces = {
      layers: [science.bytes],
      diffIds: [science.diffId],
      history: [],
      config: { Labels: labels },
    };
    const image: Pieces = {
      layers: [...below.layers, onTop.bytes],
      diffIds: [...below.diffIds, onTop.diffId],
      history: [],
      config: { Labels: { ...labels, "org.sciserver.compat.version": `${name}:1.0-${stamp}` } },
    };
    await push(registry, `r/sci/${name}`, ["1.0", `1.0-${stamp}`], below);
    await push(registry, `r/rel/${name}`, ["1.0", `1.0-${stamp}`], image);
  }

  const verify = (...names: string[]): Promise<readonly ImageVerdict[]> =>
    verifyImages(
      names.map((name) => subjectOf(`${name}:1.0`, repo)),
      { catalogue: catalogue([], { repo, home: repo }), registries, git: false },
    );

  /** Something is wrong with one image only; the other has to be answered for all the same. */
  async function withFault(fault: Fault): Promise<ImageVerdict> {
    server.faults.push((request, response) => (request.url?.includes("good") ? fault(request, response) : undefined));
    const [bad, other] = await verify("good", "other");
    expect(other).toMatchObject({ verdict: "untouched", problems: [] });
    if (!bad) throw new Error("no verdict");
    return bad;
  }

  it("proves both when it behaves", async () => {
    expect((await verify("good", "other")).map(({ verdict }) => verdict)).toEqual(["untouched", "untouched"]);
  });

  const answers: readonly [string, Fault][] = [
    ["refuses", (_, response) => Boolean(response.writeHead(403).end())],
    [
      "answers with a web page",
      (_, response) => Boolean(response.writeHead(200, { "content-type": "text/html" }).end("<html></html>")),
    ],
    ["answers nonsense", (_, response) => Boolean(response.writeHead(200, { "content-type": oci.manifest }).end("{]"))],
    ["breaks off", (request) => Boolean(request.socket.destroy())],
    ["does not answer", () => true],
    ["is ill", (_, response) => Boolean(response.writeHead(503).end())],
  ];
  it.each(answers)("says in one line of one image that the registry %s", async (_, fault) => {
    const bad = await withFault(fault);
    expect(bad.verdict).toBe("unknown");
    expect(bad.problems).toHaveLength(1);
  });

  it.each([
    ["tags", "/tags/list", { newest: "unknown", signed: "unsigned" }],
    ["attachments", "/referrers/", { newest: "newest", signed: "unknown" }],
  ])("proves the layers also where the list of %s cannot be read", async (_, path, answers) => {
    const bad = await withFault((request, response) =>
      request.url?.includes(path) ? Boolean(response.writeHead(403).end()) : undefined,
    );
    expect(bad).toMatchObject({ verdict: "untouched", ...answers, problems: [], doubts: [{ severity: "error" }] });
  });

  it("says that a tag went away while it was read, of the image or of its science", async () => {
    const gone =
      (path: string): Fault =>
      (request, response) =>
        request.url?.includes(path) ? Boolean(response.writeHead(404).end("{}")) : undefined;
    expect(await withFault(gone(`/manifests/1.0-${stamp}`))).toMatchObject({ verdict: "unknown" });
    server.faults.length = 0;
    const bad = await withFault(gone("/blobs/"));
    expect(bad.verdict).toBe("unknown");
    expect(bad.problems).toHaveLength(1);
  });

  it("reads every platform of an index, and finds the one that was changed", async () => {
    const registry = registries.registryFor(server.host);
    const good = await registry.repository("r/rel/good").manifests.get("1.0");
    const other = layerOf("something else");
    const digest = await push(registry, "r/rel/good", ["changed"], {
      layers: [other.bytes, onTop.bytes],
      diffIds: [other.diffId, onTop.diffId],
      history: [],
      config: {
        Labels: {
          "org.sciserver.science.good.version": `1.0-${stamp}`,
          "org.sciserver.compat.version": `good:1.0-${stamp}`,
        },
      },
    });
    const changed = await registry.repository("r/rel/good").manifests.get(digest);
    const index = canonicalJson({
      schemaVersion: 2,
      mediaType: oci.index,
      manifests: [
        { ...good?.descriptor, platform: { os: "linux", architecture: "amd64" } },
        { ...changed?.descriptor, platform: { os: "linux", architecture: "arm64" } },
        { ...good?.descriptor, platform: { os: "unknown", architecture: "unknown" } },
      ],
    });
    for (const tag of ["1.0", `1.0-${stamp}`])
      await registry.repository("r/rel/good").manifests.put(tag, oci.index, index);
    const [found] = await verify("good");
    expect(found).toMatchObject({ verdict: "changed", digest: sha256Digest(index) });
    expect(found?.problems.map(({ code }) => code)).toContain("science-layer-replaced");
  });
});
