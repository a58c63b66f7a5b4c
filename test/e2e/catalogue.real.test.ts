import { execFileSync } from "node:child_process";
import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type OwnCatalogue, ownCatalogue } from "../support/own-catalogue.ts";
import { published } from "../support/published.ts";
import { testWorld } from "../support/world.ts";

const world = testWorld();

const science = {
  "scientific-python": "1.0",
  astronomy: "1.0",
  "astronomy-photutils": "1.0",
  "astronomy-1.1": "1.1",
  "r-statistics": "1.0",
  "source-extraction": "1.0",
};
const final = ["scientific-python:1.0", "astronomy:1.0", "astronomy:1.1", "r-statistics:1.0", "source-extraction:1.0"];

let catalogue: OwnCatalogue;
let printed: string;
// The first time all by the Docker engine; the next commit leaves the choice to image-builder.
beforeAll(async () => {
  catalogue = ownCatalogue("catalogue");
  printed = await succeed("--push", "--since", "all", "--engine", "docker");
}, 1_200_000);
afterAll(() => catalogue?.remove());

async function succeed(...args: string[]): Promise<string> {
  const { code, out, err } = await catalogue.imageBuilder(...args);
  if (code !== 0) throw new Error(`image-builder ${args.join(" ")} ended with ${code}:\n${err}`);
  return out;
}

const stamp = (commit = "HEAD"): string =>
  `${catalogue.git("rev-list", "--count", commit)}-${catalogue.git("rev-parse", "--short", commit)}`;

/** In full: `sci/astronomy:1.0` or `rel/astronomy:1.0`. */
const at = (image: string): string => `${catalogue.repo}/${image}`;

const images = [
  ...Object.entries(science).map(([target, version]) => `sci/${target}:${version}`),
  ...final.map((each) => `rel/${each}`),
];

describe("the project's own catalogue, published", () => {
  it.each(images)("holds %s under a unique and a stable tag that are one digest", (image) => {
    const digest = published.digest(at(image));
    expect(published.digest(`${at(image)}-${stamp()}`)).toBe(digest);
    expect(printed).toContain(`${at(image)}-${stamp()}@${digest}`);
  });

  it("has no other tags and no interface on layers that are not final", () => {
    expect(published.tags(at("rel/astronomy"))).toEqual(["1.0", `1.0-${stamp()}`, "1.1", `1.1-${stamp()}`]);
    expect(published.tags(at("sci/astronomy"))).toEqual(["1.0", `1.0-${stamp()}`]);
  });

  it("stacks each science image on the layers of the one before", () => {
    const chain = [
      "sci/scientific-python:1.0",
      "sci/astronomy:1.0",
      "sci/astronomy-photutils:1.0",
      "sci/astronomy-1.1:1.1",
    ];
    const layers = chain.map((image) => published.layers(at(image)));
    layers.slice(1).forEach((above, index) => {
      const below = layers[index] ?? [];
      expect(above.slice(0, below.length)).toEqual(below);
      expect(above.length).toBeGreaterThan(below.length);
    });
  });

  it.each([
    ["rel/astronomy:1.0", "sci/astronomy-photutils:1.0"],
    ["rel/astronomy:1.1", "sci/astronomy-1.1:1.1"],
    ["rel/scientific-python:1.0", "sci/scientific-python:1.0"],
    ["rel/r-statistics:1.0", "sci/r-statistics:1.0"],
    ["rel/source-extraction:1.0", "sci/source-extraction:1.0"],
  ])("makes %s of the layers of %s and the interface above", (rel, sci) => {
    const [above, below] = [published.layers(at(rel)), published.layers(at(sci))];
    expect(above.slice(0, below.length)).toEqual(below);
    expect(above.length).toBeGreaterThan(below.length);
  });

  it("tells with labels which layers an image is made of", () => {
    const { Labels } = published.config(at("rel/astronomy:1.1"));
    expect(Labels).toMatchObject({
      "org.sciserver.compat.version": `astronomy:1.1-${stamp()}`,
      "org.sciserver.compat.layers": "sciserver-common,jupyter",
      "org.sciserver.science.astronomy-1.1.version": `1.1-${stamp()}`,
      "org.sciserver.science.astronomy-photutils.version": `1.0-${stamp()}`,
      "org.sciserver.science.astronomy.version": `1.0-${stamp()}`,
      "org.sciserver.science.scientific-python.version": `1.0-${stamp()}`,
      "org.opencontainers.image.revision": catalogue.git("rev-parse", "HEAD"),
    });
    expect(Labels["org.sciserver.compat.buildtime"]).toMatch(/^\d+(\.\d+)?$/);
    expect(Labels["org.opencontainers.image.base.digest"]).toBe(published.digest(at("sci/astronomy-1.1:1.1")));
  });

  it("says nothing of SciServer in science images but the labels of the trail", () => {
    const { Env, User, Labels } = published.config(at("sci/astronomy-1.1:1.1"));
    expect(User ?? "").toBe("");
    expect(Env.join()).not.toMatch(/sciserver/i);
    expect(Object.keys(Labels).filter((key) => key.startsWith("org.sciserver.compat."))).toEqual([]);
  });

  it("gives every image the entry point, user, folder and port of its interface", () => {
    for (const image of final) {
      const { User, WorkingDir, Entrypoint, Env, ExposedPorts } = published.config(at(`rel/${image}`));
      expect({ User, WorkingDir, Entrypoint, ExposedPorts }).toEqual({
        User: "1000",
        WorkingDir: "/home/idies/workspace",
        Entrypoint: ["/opt/sciserver/startup.sh"],
        ExposedPorts: { "8888/tcp": {} },
      });
      expect(Env).toContain("HOME=/home/idies");
      expect(Env).toContain(`SCISERVER_IMAGE=${image}-${stamp()}`);
    }
  });

  it.each(final)("never mixes media types of Docker and OCI in rel/%s", (image) => {
    const families = published.mediaTypes(at(`rel/${image}`)).map((type) => type.split(".")[1]);
    expect(new Set(families).size).toBe(1);
  });

  it.each(["rel/source-extraction:1.0", "rel/r-statistics:1.0"])("is accepted by crane and skopeo: %s", (image) => {
    expect(() => published.validate(at(image))).not.toThrow();
    const inspect = ["inspect", "--tls-verify=false", `docker://${at(image)}`];
    expect(JSON.parse(execFileSync(world.tools.skopeo, inspect, { encoding: "utf8" }))).toMatchObject({
      Digest: published.digest(at(image)),
      Layers: published.layers(at(image)),
    });
  });
});

describe("the next commit", () => {
  let first: string;
  let before: Map<string, string>;
  beforeAll(async () => {
    first = stamp();
    before = new Map(images.map((image) => [image, published.digest(at(image))]));
    appendFileSync(join(catalogue.path, "compat/sciserver-common/run-job"), "# An update of the interface.\n");
    catalogue.commit({}, "update the runner of jobs");
  });

  it("plans only builds of interfaces after a change of a compat layer", async () => {
    const plan: unknown = JSON.parse(await succeed("plan", "--format", "json"));
    expect(plan).toMatchObject({ summary: { science: 0, compat: final.length } });
    const files = ["compat/sciserver-common/run-job"];
    const reasons = [{ kind: "compat-changed", layer: "sciserver-common", files }];
    const builds = [...final].sort().map((image) => ({ id: `compat/${image}`, dependsOn: [], reasons }));
    expect((plan as { builds: { id: string }[] }).builds.sort((a, b) => (a.id < b.id ? -1 : 1))).toMatchObject(builds);
  });

  it("publishes those, on the very science images that were there", async () => {
    await succeed("--push");
    for (const image of images.filter((each) => each.startsWith("sci/")))
      expect([image, published.digest(at(image))]).toEqual([image, before.get(image)]);
    const below = published.layers(at("sci/astronomy-1.1:1.1"));
    expect(published.layers(at("rel/astronomy:1.1")).slice(0, below.length)).toEqual(below);
    for (const image of final) {
      expect(published.digest(at(`rel/${image}`))).toBe(published.digest(`${at(`rel/${image}`)}-${stamp()}`));
      expect(published.digest(at(`rel/${image}`))).not.toBe(before.get(`rel/${image}`));
    }
  });

  it("leaves nothing behind in the repository", () => {
    expect(catalogue.git("status", "--porcelain", "--ignored")).toBe("");
  });

  it("leaves the unique tags of the first commit where they were", () => {
    for (const image of images) expect(published.digest(`${at(image)}-${first}`)).toBe(before.get(image));
  });
});

describe("the same composition through docker buildx", () => {
  it("is the same image but for times and commits", async () => {
    const modern = ownCatalogue("buildx", world.modern);
    try {
      const args = ["--push", "--since", "all", "--engine", "docker", "--include", "science/r-statistics"];
      const { code, err } = await modern.imageBuilder(...args);
      if (code !== 0) throw new Error(err);
      const here = `${modern.repo}/rel/r-statistics:1.0`;
      expect(stable(published.config(here))).toEqual(stable(published.config(at("rel/r-statistics:1.0"))));
      expect(published.mediaTypes(here)[0]).not.toMatch(/index|manifest\.list/);
    } finally {
      modern.remove();
    }
  });
});

/** What does not change from build to build. */
function stable({ Env, Labels, ...rest }: ReturnType<typeof published.config>): object {
  return {
    ...rest,
    Cmd: rest.Cmd ?? null,
    env: Env.map((each) => each.replace(/-\d+-[0-9a-f]+$/, "")),
    labels: Object.keys(Labels).sort(),
  };
}
