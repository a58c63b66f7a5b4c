import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { check } from "../../src/run/check.ts";
import { withSession } from "../../src/run/session.ts";
import { compatFiles, type Files, folderOf, repository, scienceFiles } from "../support/repository.ts";

/** `severity code place: message` of all that `check` says, but of RUN in interfaces. */
async function checked(root: string): Promise<string[]> {
  const { diagnostics } = await withSession({ root }, check);
  return diagnostics
    .filter(({ code }) => code !== "runs-in-science")
    .map(({ severity, code, at, message }) => `${severity} ${code} ${at?.file}:${at?.line}:${at?.column}: ${message}`);
}

const world = (instructions: string, files: Files = {}, links: Readonly<Record<string, string>> = {}): string => {
  const path = folderOf({
    ...compatFiles("jupyter"),
    ...scienceFiles("a", "debian"),
    "science/a/Dockerfile": `FROM debian\n${instructions}\n`,
    ...files,
  });
  for (const [name, target] of Object.entries(links)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    symlinkSync(target, join(path, name));
  }
  return path;
};

describe("a source of COPY or ADD", () => {
  it.each([
    "COPY data /x",
    "COPY data/ data/x /x/",
    "COPY ./data/x /x",
    "COPY . /x",
    "COPY *.none data /x/",
    "COPY poetry.lock* requirements.tx[t] /x/",
    "COPY poetry.lock* /x/",
    "COPY da*/x /x/",
    "COPY ../data /x",
    "COPY $NAME /x",
    "COPY nothing-${NAME:-1} /x",
    "ARG DIR=data\nCOPY $DIR/x /x",
    "COPY <<one data <<two /x/\n1\none\n2\ntwo",
    "RUN --mount=type=bind,source=data,target=/x ls",
    "RUN --mount=type=bind,from=debian,source=nothing,target=/x ls",
    "RUN --mount=type=cache,source=nothing,target=/x ls",
    "ADD github.com/a/b /x",
    "COPY --from=debian /nothing /x",
    "ADD https://example.org/nothing /x",
    "ADD git@example.org:x.git /x",
    "COPY <<EOF /x\ntext\nEOF",
  ])("is fine: %s", async (instruction) => {
    const files = { "science/a/data/x": "1", "science/a/dropped/x.md": "1", "science/a/.dockerignore": "**/*.md\n" };
    expect(await checked(world(instruction, files))).toEqual([]);
  });

  it.each([
    ["COPY nothing /x", "science/a/Dockerfile:2:6: nothing is not in science/a"],
    ["COPY data nothing/ /x/", "science/a/Dockerfile:2:11: nothing is not in science/a"],
    ["ADD data/y /x", "science/a/Dockerfile:2:5: data/y is not in science/a"],
    ["COPY data/x/y /x", "science/a/Dockerfile:2:6: data/x/y is not in science/a"],
    ['COPY ["nothing", "/x"]', "science/a/Dockerfile:2:7: nothing is not in science/a"],
    ["COPY readme.md /x", "science/a/Dockerfile:2:6: science/a/.dockerignore keeps readme.md out of the build"],
    [
      "COPY Dockerfile /x",
      "science/a/Dockerfile:2:6: Dockerfile says how to build, and is not among the files of a build",
    ],
    ["COPY empty /x", "science/a/Dockerfile:2:6: empty is an empty folder, and git keeps none"],
    ["COPY none/*.md /x/", "science/a/Dockerfile:2:6: none is not in science/a"],
    [
      "COPY ../b/data /x",
      "science/a/Dockerfile:2:6: ../b/data is b/data of the build context, which begins at science/a, and that is not there",
    ],
    ["ENV DIR=nothing\nCOPY ${DIR}/x /x", "science/a/Dockerfile:3:6: nothing/x is not in science/a"],
    ["ARG V=2\nADD a-$V.tgz /x", "science/a/Dockerfile:3:5: a-2.tgz is not in science/a"],
    ["RUN --mount=type=bind,source=nothing,target=/x ls", "science/a/Dockerfile:2:30: nothing is not in science/a"],
    ["RUN --mount=src=nothing,dst=/x ls", "science/a/Dockerfile:2:17: nothing is not in science/a"],
    ["FROM scratch AS x\nCOPY nothing /x\nFROM x", "science/a/Dockerfile:3:6: nothing is not in science/a"],
  ])("is found when it is not there: %s", async (instruction, words) => {
    const files = { "science/a/data/x": "1", "science/a/readme.md": "1", "science/a/.dockerignore": "*.md\n" };
    const root = world(instruction, files);
    mkdirSync(join(root, "science/a/empty"));
    expect(await checked(root)).toEqual([`error missing-source ${words}`]);
  });

  it.each([
    ["COPY *.csv /x/", "*.csv matches nothing in science/a, so that nothing is copied"],
    [
      "COPY *.md /x/",
      "*.md matches nothing in science/a that builds get (science/a/.dockerignore keeps readme.md out of the build), so that nothing is copied",
    ],
    ["COPY dropped /x", "science/a/.dockerignore keeps all of dropped out of the build"],
  ])("is warned of where it copies nothing: %s", async (instruction, words) => {
    const files = { "science/a/dropped/x.md": "1", "science/a/readme.md": "1", "science/a/.dockerignore": "**/*.md\n" };
    expect(await checked(world(instruction, files))).toEqual([
      `warning missing-source science/a/Dockerfile:2:6: ${words}`,
    ]);
  });

  it("does not matter in a stage that is not built, or to a frontend of others", async () => {
    expect(await checked(world("COPY nothing /x\nFROM debian"))).toEqual([]);
    const files = { "science/a/Dockerfile": "# syntax=example.org/other\nFROM debian\nCOPY nothing /x\n" };
    expect(await checked(world("", files))).toEqual([]);
  });

  it("is found beside other mistakes of its layer", async () => {
    const files = { "science/a/sciserver-image.json": { version: "1.0", compat: "jupyter" } };
    expect(await checked(world("COPY nothing /x", files))).toEqual([
      expect.stringContaining("error missing-source science/a/Dockerfile:2:6"),
      expect.stringContaining("error missing-key science/a/sciserver-image.json"),
    ]);
  });

  it("of a trigger is looked for in the layers that start from it", async () => {
    const files = { ...scienceFiles("b", "sci/a:1.0"), ...scienceFiles("c", "sci/a:1.0"), "science/c/list.txt": "1" };
    expect(await checked(world("ONBUILD COPY list.txt $NAME /x/", files))).toEqual([
      "error missing-source science/b/Dockerfile:1:6: list.txt is not in science/b",
    ]);
  });

  it("of an interface is looked for in every stack that has it", async () => {
    const files = {
      ...compatFiles("jupyter", ["common"]),
      ...compatFiles("desktop", ["common"]),
      ...compatFiles("common"),
      ...scienceFiles("b", "debian", { compat: "desktop" }),
      "compat/common/Dockerfile": "FROM debian AS own\nCOPY config /x\nFROM science\nCOPY --from=own /x /x\n",
      "compat/jupyter/config": "1",
    };
    expect(await checked(world("", files))).toEqual([
      "error missing-source compat/common/Dockerfile:2:6: config is not in compat/common, nor in compat/desktop",
    ]);
  });

  it("of an interface may be a file of any layer that it comes with", async () => {
    const files = {
      ...compatFiles("jupyter", ["common"]),
      ...compatFiles("common"),
      "compat/jupyter/Dockerfile": "COPY low /x\nCOPY nothing /x\n",
      "compat/common/Dockerfile": "COPY high /x\n",
      "compat/common/low": "1",
      "compat/jupyter/high": "1",
    };
    expect(await checked(world("", files))).toEqual([
      "error missing-source compat/jupyter/Dockerfile:2:6: nothing is not in compat/jupyter, nor in compat/common",
    ]);
  });
});

describe("a link in a build context", () => {
  const shared = { "shared/env.yml": "1", "science/a/v1/data": "1" };

  it.each([
    ["COPY env.yml /x", "env.yml is a link to ../../shared/env.yml, which is outside of science/a"],
    ["COPY down/env.yml /x", "down is a link to ../../shared, which is outside of science/a"],
    ["COPY absolute /x", "absolute is a link to /shared/env.yml, which is outside of science/a"],
    ["COPY broken /x", "broken is a link to nowhere, which is not there"],
    ["COPY bro* /x/", "broken is a link to nowhere, which is not there"],
    ["COPY circle /x", "circle is a link to circle, which is not there"],
  ])("is found where an instruction follows it out of the layer or to nothing: %s", async (instruction, words) => {
    const root = world(instruction, shared, {
      "science/a/env.yml": "../../shared/env.yml",
      "science/a/down": "../../shared",
      "science/a/absolute": "/shared/env.yml",
      "science/a/broken": "nowhere",
      "science/a/circle": "circle",
    });
    expect(await checked(root)).toEqual([`error link-outside science/a/Dockerfile:2:6: ${words}`]);
  });

  it("is fine within the layer, and where an image is to have the link itself", async () => {
    const links = { "science/a/current": "v1", "science/a/lib/x": "../../../usr/lib/x", "science/a/etc/y": "/etc/y" };
    expect(await checked(world("COPY current/data /x\nCOPY lib etc /x/", shared, links))).toEqual([]);
  });

  it("is warned of where it goes into an image and leads to another part of the repository", async () => {
    const root = world("COPY conf /x/", shared, { "science/a/conf/env.yml": "../../../shared/env.yml" });
    expect(await checked(root)).toEqual([expect.stringContaining("warning link-outside science/a/conf/env.yml:1:1")]);
  });
});

describe("ONBUILD", () => {
  const onbuild = { "science/a/Dockerfile": "FROM debian\nONBUILD COPY . /x\n" };
  const interfaceWith = (text: string): Files => ({ ...onbuild, "compat/jupyter/Dockerfile": text });

  it("of a layer is found where its interface needs an engine, which would carry it out", async () => {
    const files = { ...interfaceWith("RUN true\n"), ...scienceFiles("b", "sci/a:1.0") };
    expect(await checked(world("", files))).toEqual([
      "error needs-engine compat/jupyter/Dockerfile:1:1: no engine can make compat/a:1.0: it needs RUN: compat/jupyter/Dockerfile:1, and it needs a base whose ONBUILD is left alone",
    ]);
  });

  it("is warned of where no layer starts from its image", async () => {
    expect(await checked(world("", interfaceWith("ENV A=1\n")))).toEqual([
      expect.stringContaining("warning idle-trigger science/a/Dockerfile:2:1: no layer starts from science/a"),
    ]);
  });
});

it("the engine that the settings name for all is found wanting", async () => {
  const files = { "image-builder.json": { engine: "assemble" }, "science/a/Dockerfile": "FROM debian\nRUN true\n" };
  expect(await checked(world("", files))).toEqual([
    expect.stringContaining("error needs-engine science/a/Dockerfile:2:1"),
  ]);
});

it("an ignore file with a pattern that is none is found", async () => {
  const files = { "science/a/Dockerfile.dockerignore": "ok\n[\n" };
  expect(await checked(world("", files))).toEqual([
    expect.stringContaining("error bad-ignore-pattern science/a/Dockerfile.dockerignore:2:1"),
  ]);
});

it("a submodule that is not checked out is found without git", async () => {
  const inner = repository({ data: "1" });
  const { path, git, commit } = repository({ ...compatFiles("jupyter"), ...scienceFiles("a", "debian") });
  git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.path, "science/a/mod");
  commit({});
  expect(await checked(path)).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), "image-builder-clone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync("git", ["clone", "-q", path, join(folder, "c")]);
  expect(await checked(join(folder, "c"))).toEqual([expect.stringContaining("error absent-submodule science/a/mod")]);
});
