import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { compatFiles, type Files, folderOf, scienceFiles } from "../support/repository.ts";
import { recordedWorld } from "./command-line.ts";

const dockerfile = `ARG FLAVOUR
FROM registry.old.org/images/base:1.0 AS tools
RUN --mount=type=secret,id=token true
FROM registry.old.org/images/base:1.0
LABEL org.opencontainers.image.version="2.1" org.opencontainers.image.description="Notebooks for all"
COPY --from=tools /bin/true /bin/
COPY --from=scripts start.sh /
COPY requirements.txt ../shared/motd /etc/
COPY --from=debian:bookworm-slim /etc/hosts /h
ENTRYPOINT ["/start.sh"]
`;

/** A catalogue that has the base already, and the folder of an image that was built another way. */
function world(old: Files = {}, catalogue: Files = {}) {
  const root = folderOf({
    "catalogue/image-builder.json": {},
    ...Object.fromEntries(
      Object.entries({ ...compatFiles("jupyter"), ...scienceFiles("base", "debian"), ...catalogue }).map(
        ([path, each]) => [`catalogue/${path}`, each],
      ),
    ),
    "old/notebook/Dockerfile": dockerfile,
    "old/notebook/requirements.txt": "astropy\n",
    "old/notebook/deep/er/file": "x\n",
    ...old,
  });
  symlinkSync("requirements.txt", join(root, "old/notebook/link"));
  mkdirSync(join(root, "old/notebook/.git"));
  const line = async (...words: string[]) => {
    const at = recordedWorld({ directory: join(root, "catalogue") });
    const exitCode = await runCommandLine(words, at);
    return { exitCode, out: at.out(), err: at.err() };
  };
  const path = (name: string): string => join(root, "catalogue/science/notebook", name);
  return { root, line, path };
}

const from = ["new", "science", "notebook", "--from-directory", "../old/notebook"];

describe("new --from-directory", () => {
  it("writes the files, a definition, and edges in place of old names", async () => {
    const { line, path } = world();
    const { exitCode, out } = await line(...from);
    expect(exitCode).toBe(0);
    expect(JSON.parse(readFileSync(path("sciserver-image.json"), "utf8"))).toEqual({
      image: "notebook",
      version: "2.1",
      compat: "jupyter",
      description: "Notebooks for all",
    });
    expect(readFileSync(path("Dockerfile"), "utf8")).toBe(
      dockerfile.replaceAll("registry.old.org/images/base:1.0", "sci/base:1.0"),
    );
    expect(readFileSync(path("deep/er/file"), "utf8")).toBe("x\n");
    expect(readlinkSync(path("link"))).toBe("requirements.txt");
    expect(existsSync(path(".git"))).toBe(false);
    expect(out).toContain("registry.old.org/images/base:1.0 is the layer science/base: sci/base:1.0\n");
  });

  it("says what stands in the way, at its place", async () => {
    const { line } = world();
    const { err } = await line(...from, "--dryrun");
    const found = [...err.matchAll(/^(\S+): warning\[in-the-way\]: (.*)$/gm)].map(
      ([, place, message]) => `${place} ${message}`,
    );
    expect(found).toEqual([
      "science/notebook/Dockerfile:7:13 scripts is a stage or a named context of the old build, if it is no image of Docker Hub",
      "science/notebook/Dockerfile:8:23 ../shared/motd is not in the folder: it was built with another one as its context",
      'science/notebook/Dockerfile:3:1 the build wants the secret "token"',
      "science/notebook/Dockerfile:10:1 an interface puts its command on top, and this program would be given it",
    ]);
  });

  it("writes nothing in a dry run, and shows what it would write", async () => {
    const { line, path } = world();
    const { exitCode, out } = await line(...from, "-n");
    expect(exitCode).toBe(0);
    expect(existsSync(path(""))).toBe(false);
    expect(out).toContain('"version": "2.1"');
    expect(out).toContain("would be copied science/notebook/requirements.txt\n");
    const { out: json } = await line(...from, "-n", "--format", "json");
    expect(JSON.parse(json)).toMatchObject({
      written: false,
      files: expect.arrayContaining([expect.objectContaining({ path: "science/notebook/deep/er/file", is: "copied" })]),
    });
  });

  it("takes what the line says before what it guesses", async () => {
    const { line, path } = world();
    await line(...from, "--version", "3.0", "--image", "lab", "--compat", "jupyter", "--description", "Mine");
    expect(JSON.parse(readFileSync(path("sciserver-image.json"), "utf8"))).toEqual({
      image: "lab",
      version: "3.0",
      compat: "jupyter",
      description: "Mine",
    });
  });

  it("leaves a name alone that several layers may be, or none", async () => {
    const text = "FROM old.org/base:7\nCOPY --from=old.org/other:1.0 /a /a\n";
    const { line, path } = world({ "old/notebook/Dockerfile": text });
    await line(...from);
    expect(readFileSync(path("Dockerfile"), "utf8")).toBe(text);
  });

  it("names the argument that an edge comes from", async () => {
    const { line, path } = world({ "old/notebook/Dockerfile": "ARG TAG=1.0\nFROM old.org/base:${TAG}\n" });
    const { err } = await line(...from);
    expect(err).toContain("old.org/base:${TAG} is a layer of this catalogue by way of an argument");
    expect(readFileSync(path("Dockerfile"), "utf8")).toContain("FROM old.org/base:${TAG}");
  });

  it("overwrites nothing", async () => {
    const { line, path } = world({}, scienceFiles("notebook", "debian"));
    const { exitCode, err } = await line(...from, "--version", "9");
    expect(exitCode).toBe(2);
    expect(err).toContain("science/notebook is there already, and nothing is overwritten");
    expect(readFileSync(path("Dockerfile"), "utf8")).toBe("FROM debian\n");
  });

  it.each([
    [["--from-directory", "../nowhere"], "which is no folder"],
    [["--from-directory", "../old"], "has no Dockerfile"],
    [["--from-directory", "../old/notebook", "--base", "debian"], "--base says something else"],
  ])("with %j says what is wrong", async (words, message) => {
    const { line } = world();
    const { exitCode, err } = await line("new", "science", "notebook", ...words);
    expect(exitCode).toBe(2);
    expect(err).toContain(message);
  });
});
