import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { detectChanges } from "../../src/changes/detect.ts";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { type Files, repository, seedExample } from "../support/repository.ts";

const changesOf = async (path: string, options: Parameters<typeof detectChanges>[1] = {}) =>
  (await detectChanges(path, options)).changes;

const pathsOf = async (path: string, options: Parameters<typeof detectChanges>[1] = {}) =>
  (await changesOf(path, options)).files.map(
    ({ path: file, status, uncommitted }) => `${status} ${file}${uncommitted ? " (uncommitted)" : ""}`,
  );

async function refusal(path: string, options: Parameters<typeof detectChanges>[1] = {}): Promise<string> {
  const found = await detectChanges(path, options).then(
    () => undefined,
    (cause: unknown) => cause,
  );
  if (!(found instanceof RefusedError)) throw new Error(`expected a refusal, got ${String(found)}`);
  return found.diagnostics.map(({ code, help }) => `${code}: ${help ?? ""}`).join();
}

const dockerfile = "science/nist-basic/Dockerfile";

const compat = "jupyter";

describe("the default range", () => {
  it("is the last commit by first parent", async () => {
    const world = repository(seedExample);
    world.commit({ [dockerfile]: "FROM debian:12\n" });
    world.commit({ "compat/jupyter/startup.sh": "exec true\n" });
    expect(await pathsOf(world.path)).toEqual(["added compat/jupyter/startup.sh"]);
  });

  it("of a merge is all that the merge brought", async () => {
    const world = repository(seedExample);
    world.git("checkout", "-q", "-b", "side");
    world.commit({ [dockerfile]: "FROM debian:12\n" });
    world.commit({ "science/nist-basic/a": "1" });
    world.git("checkout", "-q", "main");
    world.commit({ "README.md": "hello" });
    world.git(
      "-c",
      "user.name=Test",
      "-c",
      "user.email=t@example.org",
      "merge",
      "-q",
      "--no-ff",
      "-m",
      "merge",
      "side",
    );
    expect(await pathsOf(world.path)).toEqual([`modified ${dockerfile}`, "added science/nist-basic/a"]);
  });

  it("of a first commit is everything, and it says so", async () => {
    expect((await changesOf(repository(seedExample).path)).since).toMatchObject({ kind: "nothing-to-compare" });
  });
});

describe("--since", () => {
  it("takes a revision, or a range", async () => {
    const world = repository(seedExample);
    const first = world.commit({ [dockerfile]: "FROM debian:12\n" });
    const second = world.commit({ "compat/jupyter/x": "1" });
    world.commit({ "compat/jupyter/y": "1" });
    expect(await pathsOf(world.path, { since: first })).toEqual(["added compat/jupyter/x", "added compat/jupyter/y"]);
    expect(await pathsOf(world.path, { since: `${first}..${second}` })).toEqual(["added compat/jupyter/x"]);
    expect((await changesOf(world.path, { since: "HEAD~3" })).since).toMatchObject({
      kind: "git",
      range: "HEAD~3..HEAD",
    });
  });

  it("takes the forty zeros that CI systems give for a new branch", async () => {
    expect((await changesOf(repository(seedExample).path, { since: "0".repeat(40) })).since.kind).toBe(
      "nothing-to-compare",
    );
  });

  it("refuses what git does not know, what looks like an option and symmetric ranges", async () => {
    const { path } = repository(seedExample);
    expect(await refusal(path, { since: "nowhere" })).toContain("unknown-revision");
    expect(await refusal(path, { since: "--all" })).toContain("bad-range");
    expect(await refusal(path, { since: "a...b" })).toContain("--since a..b");
  });
});

describe("git", () => {
  it("tells deletions, renames and changes of mode and kind", async () => {
    const world = repository({ ...seedExample, "science/nist-basic/run.sh": "x", "science/nist-basic/data": "y" });
    chmodSync(join(world.path, "science/nist-basic/run.sh"), 0o755);
    rmSync(join(world.path, "science/nist-basic/data"));
    symlinkSync("run.sh", join(world.path, "science/nist-basic/data"));
    world.git("mv", "science/nist-basic-2", "science/renamed");
    world.commit({});
    expect(await pathsOf(world.path)).toEqual([
      "deleted science/nist-basic-2/Dockerfile",
      "deleted science/nist-basic-2/sciserver-image.json",
      "modified science/nist-basic/data",
      "modified science/nist-basic/run.sh",
      "added science/renamed/Dockerfile",
      "added science/renamed/sciserver-image.json",
    ]);
  });

  it("may know paths that are not UTF-8 or have newlines", async () => {
    const world = repository(seedExample);
    const folder = join(world.path, "science/nist-basic");
    writeFileSync(Buffer.concat([Buffer.from(`${folder}/caf`), Buffer.of(0xe9)]), "latin1");
    writeFileSync(join(folder, "two\nlines"), "x");
    world.commit({});
    expect((await changesOf(world.path)).files.map(({ path }) => path)).toEqual([
      "science/nist-basic/caf\udce9",
      "science/nist-basic/two\nlines",
    ]);
  });

  it("tells the former text of what decides whether a change can reach an image", async () => {
    const world = repository(seedExample);
    world.commit({ [dockerfile]: "FROM debian:12\n", "science/nist-basic/data": "1" });
    world.commit({ [dockerfile]: "FROM debian:13\n", "science/nist-basic/data": "2" });
    const { files } = await changesOf(world.path);
    expect(files.map(({ before }) => before)).toEqual(["FROM debian:12\n", undefined]);
  });

  it("tells what definitions said before they changed or went", async () => {
    const world = repository(seedExample);
    world.commit({
      "science/nist-basic-2": undefined,
      "science/nist-basic/sciserver-image.json": { image: "nist-basic", version: "1.5", compat: "jupyter" },
    });
    expect((await changesOf(world.path)).formerDefinitions).toEqual([
      { directory: "science/nist-basic-2", image: "nist-basic", version: "2.0", target: "nist-basic-2", compat },
      { directory: "science/nist-basic", image: "nist-basic", version: "1.0", target: "nist-basic", compat },
    ]);
  });

  it("tells each variant that a definition or its list had", async () => {
    const definition = { image: "py", compat, variants: "list.json" };
    const world = repository({
      "science/py/sciserver-image.json": definition,
      "science/py/list.json": [{ version: "1" }, { version: "2", image: "py-gpu" }],
    });
    const former = ["py 1", "py-gpu 2"];
    const versionsOf = async () =>
      (await changesOf(world.path)).formerDefinitions.map(({ image, version }) => `${image} ${version}`);
    world.commit({
      "science/py/list.json": [{ version: "2" }],
      "science/py/sciserver-image.json": { ...definition, target: "x" },
    });
    expect(await versionsOf()).toEqual(former);
    world.commit({ "science/py/list.json": undefined, "science/py/sciserver-image.json": undefined });
    expect(await versionsOf()).toEqual(["py 2"]);
  });

  it("is asked from the catalogue's folder when that is below the repository's", async () => {
    const inner: Files = Object.fromEntries(
      Object.entries(seedExample).map(([path, content]) => [`catalogue/${path}`, content]),
    );
    const world = repository(inner);
    world.commit({ [`catalogue/${dockerfile}`]: "FROM debian:12\n", "science/outside/Dockerfile": "FROM debian\n" });
    world.write({ "catalogue/compat/jupyter/new": "1", "catalogue/compat/jupyter/Dockerfile": "ENV B=2\n" });
    const { files, untracked } = await changesOf(join(world.path, "catalogue"));
    expect(files.map(({ path }) => path)).toEqual(["compat/jupyter/Dockerfile", dockerfile]);
    expect(untracked).toEqual(["compat/jupyter/new"]);
  });
});

describe("the working tree", () => {
  it("is clean when it is HEAD's, whatever changes outside the catalogue", async () => {
    const world = repository(seedExample);
    world.commit({});
    world.write({ "README.md": "not committed" });
    expect(await changesOf(world.path)).toMatchObject({ files: [], head: { dirty: false }, warnings: [] });
  });

  it.each<[string, (world: ReturnType<typeof repository>) => void]>([
    ["changed", (world) => world.write({ [dockerfile]: "FROM other\n" })],
    ["staged", (world) => [world.write({ [dockerfile]: "FROM other\n" }), world.git("add", "-A")]],
    ["deleted", (world) => world.write({ [dockerfile]: undefined })],
  ])("is dirty with a file %s", async (_, change) => {
    const world = repository(seedExample);
    world.commit({});
    change(world);
    const { files, head } = await changesOf(world.path);
    expect(head.dirty).toBe(true);
    expect(files).toMatchObject([{ path: dockerfile, uncommitted: true, before: "FROM debian:bookworm-slim\n" }]);
  });

  it("leaves out what git does not track, and says so, unless it is counted", async () => {
    const world = repository({ ...seedExample, ".gitignore": "*.pyc\n" });
    world.commit({});
    world.write({
      "science/new/Dockerfile": "FROM debian\n",
      "compat/jupyter/notes": "x",
      "compat/jupyter/x.pyc": "y",
    });
    const plain = await changesOf(world.path);
    expect(plain).toMatchObject({
      files: [],
      head: { dirty: false },
      untracked: ["compat/jupyter/notes", "compat/jupyter/x.pyc", "science/new/"],
    });
    expect(plain.warnings.map(({ code }) => code)).toEqual(["untracked-files"]);
    const counted = await changesOf(world.path, { untracked: true });
    expect(counted.head.dirty).toBe(true);
    expect(counted.files.map(({ path }) => path)).toEqual(["compat/jupyter/notes", "science/new/Dockerfile"]);
    expect(counted.untracked).toEqual(["compat/jupyter/x.pyc"]);
  });
});

describe("HEAD", () => {
  it("is told by its full hash, an abbreviation of seven and the number of commits it reaches", async () => {
    const world = repository(seedExample);
    const commit = world.commit({});
    expect((await changesOf(world.path)).head).toMatchObject({ commit, abbreviated: commit.slice(0, 7), count: 2 });
  });
});

describe("a refusal", () => {
  it("of a shallow clone says how to deepen it", async () => {
    const world = repository(seedExample);
    world.commit({});
    const clone = mkdtempSync(join(tmpdir(), "image-builder-shallow-"));
    onTestFinished(() => rmSync(clone, { recursive: true, force: true }));
    execFileSync("git", ["clone", "-q", "--depth", "1", `file://${world.path}`, join(clone, "c")]);
    expect(await refusal(join(clone, "c"))).toContain("shallow-clone: run git fetch --unshallow");
  });

  it("of a folder that is no repository says what to do", async () => {
    const folder = mkdtempSync(join(tmpdir(), "image-builder-plain-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    mkdirSync(join(folder, "science"));
    expect(await refusal(folder)).toContain("not-a-repository: run it from a clone");
  });

  it("of a repository without a commit says what to do", async () => {
    const world = repository();
    world.write(seedExample);
    expect(await refusal(world.path)).toContain("no-commit: git add");
  });
});
