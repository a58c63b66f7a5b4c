import { describe, expect, it } from "vitest";
import { planAt } from "../support/plan-at.ts";
import { compatFiles, type Files, type Repository, repository, scienceFiles } from "../support/repository.ts";

/** A layer of which a commit then changes one file; what the plan says against the change, if anything. */
async function proofOf(files: Files, path: string, text = "changed"): Promise<string> {
  const world = repository({
    ...compatFiles("jupyter"),
    ...scienceFiles("a", "scratch"),
    ...Object.fromEntries(Object.entries(files).map(([name, each]) => [within(name), each])),
  });
  world.commit({ [within(path)]: text });
  return proofIn(world);
}

const within = (name: string): string => (/^(science|compat)\//.test(name) ? name : `science/a/${name}`);

async function proofIn({ path }: Repository): Promise<string> {
  const { plan } = await planAt({ root: path });
  return plan.warnings.flatMap(({ code, message }) => (code === "unreached-change" ? [message] : [])).join();
}

const unread = expect.stringContaining("no instruction reads the file");

describe("a file that no instruction reads", () => {
  it.each([
    ["COPY data/x /x", "env.yml"],
    ["COPY ./data//x /x", "data/y"],
    ["COPY data/*.txt /x", "env.yml"],
    ["COPY --from=busybox env.yml /x", "env.yml"],
    ["ONBUILD COPY data/x /x", "env.yml"],
  ])("is proven to be none by %s", async (instruction, path) => {
    expect(await proofOf({ Dockerfile: `FROM scratch\n${instruction}\n`, [path]: "1" }, path)).toEqual(unread);
  });

  it.each([
    ["COPY sub/../env.yml /x", "env.yml"],
    ["COPY ./a/./../env.yml /x", "env.yml"],
    ["COPY data/$NAME /x", "env.yml"],
    ["COPY data/\\.\\./env.yml /x", "env.yml"],
    ["COPY ./data/./x /x", "data/x"],
    ["COPY data//x /x", "data/x"],
    ["COPY /data/x/ /x", "data/x"],
    ["COPY data/x /x", "data"],
    ["COPY data/x*/y /x", "data"],
    ['COPY ["env.yml", "/x"]', "env.yml"],
    ["ADD env.yml /x", "env.yml"],
    ["RUN --mount=target=/m true", "env.yml"],
    ["ONBUILD COPY env.yml /x", "env.yml"],
    ["ONBUILD ADD . /x", "env.yml"],
  ])("is not proven to be none by %s", async (instruction, path) => {
    expect(await proofOf({ Dockerfile: `FROM scratch\n${instruction}\n`, [path]: "1" }, path)).toBe("");
  });

  it("is none while a link in the context may lead to it", async () => {
    const Dockerfile = "FROM scratch\nCOPY current/data /x\n";
    const world = repository({
      ...compatFiles("jupyter"),
      ...scienceFiles("a", "scratch"),
      "science/a/Dockerfile": Dockerfile,
      "science/a/v1/data": "1",
    });
    world.git("config", "core.symlinks", "false");
    const target = world.git("hash-object", "-w", "science/a/v1/data");
    world.git("update-index", "--add", "--cacheinfo", `120000,${target},science/a/current`);
    world.git("commit", "-qm", "link");
    world.git("checkout", "-q", "--", ".");
    world.commit({ "science/a/v1/data": "2" });
    expect(await proofIn(world)).toBe("");
  });

  it.each([
    ["a layer of this catalogue with a trigger for it", "sci/p:1.0", "FROM scratch\nONBUILD COPY env.yml /e\n", ""],
    ["a layer of this catalogue without one", "sci/p:1.0", "FROM debian\nONBUILD COPY other /o\n", unread],
    ["an image of others, whose triggers are not known", "debian", "FROM debian\n", ""],
    ["a fixed image", "sci/p:1.0-1-abcdef0", "FROM debian\n", ""],
  ])("depends on what the base may bring: %s", async (_, from, parent, says) => {
    const files = { ...scienceFiles("p", "debian"), "science/p/Dockerfile": parent };
    expect(await proofOf({ ...files, Dockerfile: `FROM ${from}\n`, "env.yml": "1" }, "env.yml")).toEqual(says);
  });

  it("is none where another reader than BuildKit's reads the Dockerfile", async () => {
    const Dockerfile = "# syntax=example/dockerfile-plus\nFROM scratch\n";
    expect(await proofOf({ Dockerfile, "env.yml": "1" }, "env.yml")).toBe("");
    expect(
      await proofOf({ Dockerfile: Dockerfile.replace("example/dockerfile-plus", "docker/dockerfile:1"), e: "1" }, "e"),
    ).toEqual(unread);
  });
});

describe("a submodule", () => {
  function withSubmodule(at: string, dockerfile: string): Repository {
    const inner = repository({
      data: "1",
      Dockerfile: dockerfile,
      "sciserver-image.json": { image: "a", version: "1.0", compat: "jupyter" },
    });
    const world = repository({ ...compatFiles("jupyter"), ...scienceFiles("b", "scratch") });
    world.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.path, at);
    world.commit({});
    world.write({ [`${at}/data`]: "2" });
    world.git("-C", at, "commit", "-qam", "another");
    world.commit({});
    return world;
  }

  it.each(["science/a", "science/b/mod"])("proves nothing at %s, whatever it changed", async (at) => {
    expect(await proofIn(withSubmodule(at, "FROM scratch\n"))).toBe("");
  });
});

describe("an ignore file", () => {
  it.each([
    [{ ".dockerignore": "*.md\n" }, "x.md", expect.stringContaining(".dockerignore drops the file")],
    [
      { ".dockerignore": "", "Dockerfile.dockerignore": "*.md\n" },
      "x.md",
      expect.stringContaining("Dockerfile.dockerignore drops the file"),
    ],
    [{ ".dockerignore": "*.md\n", "Dockerfile.dockerignore": "" }, "x.md", ""],
    [{ "Dockerfile.dockerignore": "x\n" }, "Dockerfile.dockerignore", ""],
  ])("that is named after the Dockerfile counts alone: %j", async (files, path, says) => {
    const all = { Dockerfile: "FROM scratch\nCOPY . /x\n", "x.md": "1", ...files };
    expect(await proofOf(all, path)).toEqual(says);
  });
});
