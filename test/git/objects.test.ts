import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { gitEnvironment } from "../../src/git/environment.ts";
import { digestBlobs, objectHashes, readBlobs } from "../../src/git/objects.ts";
import { openRepository, readHead } from "../../src/git/repository.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { repository } from "../support/repository.ts";

const large = "x".repeat(300_000);

/** A repository with two files, and the hashes of what they hold. */
function twoFiles() {
  const made = repository({ small: "small\n", large });
  const hash = (name: string) =>
    execFileSync("git", ["rev-parse", `HEAD:${name}`], { cwd: made.path, encoding: "utf8" }).trim();
  const objectOf = (name: string) => join(made.path, ".git/objects", hash(name).slice(0, 2), hash(name).slice(2));
  return { path: made.path, small: hash("small"), large: hash("large"), objectOf };
}

describe("the reader of objects", () => {
  it("reads contents and digests by hash, each once", async () => {
    const { path, small, large: other } = twoFiles();
    const read = await readBlobs(path, [small, other, small], 1_000_000);
    expect([...read].map(([hash, bytes]) => [hash, String(bytes)])).toEqual([
      [small, "small\n"],
      [other, large],
    ]);
    expect(await digestBlobs(path, [other])).toEqual(
      new Map([[other, { digest: sha256Digest(large), size: 300_000 }]]),
    );
    expect(await readBlobs(path, [], 1)).toEqual(new Map());
  });

  it("leaves out what is larger than asked for, which is no failure", async () => {
    const { path, small, large: other } = twoFiles();
    expect([...(await readBlobs(path, [other, small], 100)).keys()]).toEqual([small]);
  });

  it.each([
    ["is gone", (file: string) => rmSync(file)],
    ["is cut off", (file: string) => rewrite(file, (bytes) => bytes.subarray(0, bytes.length / 2))],
    ["is empty", (file: string) => rewrite(file, () => Buffer.alloc(0))],
    ["holds something else", (file: string) => rewrite(file, () => Buffer.from("no object"))],
  ])("fails loudly where an object %s", async (_what, breakIt) => {
    const { path, small, large: other, objectOf } = twoFiles();
    breakIt(objectOf("large"));
    await expect(readBlobs(path, [small, other], 1_000_000)).rejects.toThrow(`git cannot read the object ${other}`);
    await expect(digestBlobs(path, [other, small])).rejects.toThrow("git cannot read");
    expect([...(await readBlobs(path, [small], 100)).keys()]).toEqual([small]);
  });

  it("finds the hashes of what names stand for, and nothing for what the clone does not have", async () => {
    const { path, small } = twoFiles();
    expect(await objectHashes(path, ["HEAD:small", "HEAD:none", "HEAD:a\nHEAD:small"])).toEqual([
      small,
      undefined,
      undefined,
    ]);
  });
});

describe("git", () => {
  it("is asked about the root alone, whatever a hook of another repository has set", async () => {
    const [here, there] = [twoFiles().path, repository({ other: "x" }).path];
    const { commit } = await readHead(here);
    const before = { ...process.env };
    Object.assign(process.env, {
      GIT_DIR: join(there, ".git"),
      GIT_WORK_TREE: there,
      GIT_INDEX_FILE: join(there, ".git/index"),
      GIT_OBJECT_DIRECTORY: join(there, ".git/objects"),
      GIT_ALTERNATE_OBJECT_DIRECTORIES: join(there, ".git/objects"),
      GIT_COMMON_DIR: join(there, ".git"),
      GIT_CEILING_DIRECTORIES: here,
      GIT_CONFIG_PARAMETERS: `'core.worktree=${there}'`,
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "core.worktree",
      GIT_CONFIG_VALUE_0: there,
    });
    try {
      expect((await readHead(here)).commit).toBe(commit);
      expect(await openRepository(here, [])).toEqual({ prefix: "", gitDir: join(here, ".git"), commits: [] });
      mkdirSync(join(here, "below"));
      expect(await openRepository(join(here, "below"), [])).toMatchObject({ prefix: "below/" });
    } finally {
      for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    }
  });
});

function rewrite(file: string, change: (bytes: Buffer) => Buffer): void {
  const bytes = readFileSync(file);
  chmodSync(file, 0o644);
  writeFileSync(file, change(bytes));
}

describe("the environment of git", () => {
  it("keeps which folders of others are trusted, and nothing else that a hook has configured", () => {
    const given = {
      HOME: "/root",
      GIT_CONFIG_COUNT: "2",
      GIT_CONFIG_KEY_0: "core.worktree",
      GIT_CONFIG_VALUE_0: "/elsewhere",
      GIT_CONFIG_KEY_1: "safe.directory",
      GIT_CONFIG_VALUE_1: "/builds",
    };
    const kept = Object.entries(gitEnvironment(given)).filter(([name]) => /^(HOME|GIT_CONFIG)/.test(name));
    expect(Object.fromEntries(kept)).toEqual({
      HOME: "/root",
      GIT_CONFIG_COUNT: "1",
      GIT_CONFIG_KEY_0: "safe.directory",
      GIT_CONFIG_VALUE_0: "/builds",
    });
  });
});
