import { describe, expect, it } from "vitest";
import { composeBuilds } from "../../src/compose/compose.ts";
import { readyLabels } from "../../src/compose/labels.ts";
import type { ImageBuild } from "../../src/compose/model.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { catalogue, compat, compatBuild, contexts, plan, repo, science, scienceBuild } from "./world.ts";

const world = catalogue(
  [
    science("nist-basic-2", "FROM debian:1\n", {
      image: "nist-basic",
      version: "2.0",
      labels: { a: "b", "org.sciserver.science.nist-basic-2.version": "9" },
    }),
  ],
  [compat("common", ""), compat("jupyter", "")],
);
const builds = composeBuilds(
  plan(
    scienceBuild("nist-basic-2", "2.0"),
    compatBuild("nist-basic", ["common", "jupyter"], {
      version: "2.0",
      science: "nist-basic-2",
      id: "compat/nist-basic:2.0",
    }),
  ),
  world,
  contexts(world),
  { source: "https://git.example.org/images" },
);
const digest = sha256Digest("x");
const final = { reference: `debian@${digest}`, name: "docker.io/library/debian:1", digest };

describe("labels", () => {
  it("of a science image are the seed's, what it is made of, and the standard ones", () => {
    const build = builds[0] as ImageBuild;
    expect(readyLabels(build, 1639077081.9336998, final)).toEqual({
      a: "b",
      "org.opencontainers.image.base.digest": digest,
      "org.opencontainers.image.base.name": "docker.io/library/debian:1",
      "org.opencontainers.image.created": "2021-12-09T19:11:21.933Z",
      "org.opencontainers.image.revision": "f90dbd6000000000000000000000000000000000",
      "org.opencontainers.image.source": "https://git.example.org/images",
      "org.opencontainers.image.version": "2.0-42-f90dbd6",
      "org.sciserver.science.nist-basic-2.base": `debian@${digest}`,
      "org.sciserver.science.nist-basic-2.buildtime": "1639077081.9336998",
      "org.sciserver.science.nist-basic-2.inputs": build.inputs,
      "org.sciserver.science.nist-basic-2.version": "2.0-42-f90dbd6",
    });
  });

  it("of a final image name the image-version and its compat layers, the lowest first", () => {
    expect(readyLabels(builds[1] as ImageBuild, 1639077082, final)).toMatchObject({
      "org.sciserver.compat.buildtime": "1639077082.0",
      "org.sciserver.compat.version": "nist-basic:2.0-42-f90dbd6",
      "org.sciserver.compat.layers": "common,jupyter",
      "org.sciserver.compat.base": `debian@${digest}`,
      "org.opencontainers.image.created": "2021-12-09T19:11:22Z",
    });
  });

  it("say nothing of a base where there is none", () => {
    expect(
      Object.keys(readyLabels(builds[0] as ImageBuild, 1, undefined)).filter((key) => key.includes("base")),
    ).toEqual([]);
  });

  it("lie below the image's own repository", () => {
    expect(builds[0]?.tags[0].startsWith(repo)).toBe(true);
  });
});
