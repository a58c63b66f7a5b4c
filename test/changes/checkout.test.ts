import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { detectChanges } from "../../src/changes/detect.ts";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { type Repository, repository, seedExample } from "../support/repository.ts";

const data = "science/nist-basic/data";
const dockerfile = "science/nist-basic/Dockerfile";

/** A clean clone of two commits, the second of which has a file for each layer. */
function clone(): Repository {
  const world = repository(seedExample);
  world.commit({ [data]: "as committed\n", "compat/jupyter/startup.sh": "exec true\n" });
  return world;
}

/** `dirty: path…`, or the codes and help of a refusal. */
async function stateOf(path: string): Promise<string> {
  try {
    const { head, files } = (await detectChanges(path, {})).changes;
    const changed = files.filter(({ uncommitted }) => uncommitted).map((each) => `${each.status} ${each.path}`);
    return `${head.dirty ? "dirty" : "clean"}: ${changed.join(", ")}`;
  } catch (cause) {
    if (!(cause instanceof RefusedError)) throw cause;
    return cause.diagnostics.map(({ code, message, help }) => `${code}: ${message}; ${help ?? ""}`).join("\n");
  }
}

describe("a file that git was told not to look at", () => {
  it.each(["--assume-unchanged", "--skip-worktree"])("is dirty when it differs (%s)", async (option) => {
    const { path, git, write } = clone();
    git("update-index", option, data);
    expect(await stateOf(path)).toBe("clean: ");
    write({ [data]: "not committed\n" });
    expect(await stateOf(path)).toBe(`dirty: modified ${data}`);
  });

  it("is dirty when it is deleted, or a link of the same words", async () => {
    const { path, git } = clone();
    git("update-index", "--assume-unchanged", data, "compat/jupyter/startup.sh");
    rmSync(join(path, data));
    rmSync(join(path, "compat/jupyter/startup.sh"));
    symlinkSync("elsewhere", join(path, "compat/jupyter/startup.sh"));
    expect(await stateOf(path)).toBe(`dirty: modified compat/jupyter/startup.sh, deleted ${data}`);
  });

  it("has its former text known, as any that changed", async () => {
    const { path, git, write } = clone();
    git("update-index", "--assume-unchanged", dockerfile);
    write({ [dockerfile]: "FROM other\n" });
    const { files } = (await detectChanges(path, {})).changes;
    expect(files.find((each) => each.path === dockerfile)?.before).toBe("FROM debian:bookworm-slim\n");
  });
});

describe("a setting that keeps git from looking", () => {
  it.each([
    ["core.ignoreStat", "true"],
    ["core.fileMode", "true"],
    ["core.ignoreCase", "true"],
  ])("does not: %s=%s", async (key, value) => {
    const { path, git, write } = clone();
    git("config", key, value);
    git("reset", "-q", "--hard");
    git("update-index", "--refresh");
    write({ [data]: "not committed\n" });
    expect(await stateOf(path)).toBe(`dirty: modified ${data}`);
  });

  it("does not, where times and sizes are the same", async () => {
    const { path, git, write } = clone();
    git("config", "core.trustctime", "false");
    git("config", "core.checkStat", "minimal");
    const { atime, mtime } = statSync(join(path, data));
    // Past the second in which git would mistrust its index anyway; it compares times in seconds.
    const before = new Date(mtime.getTime() - 10_000);
    utimesSync(join(path, data), atime, before);
    git("update-index", "--refresh");
    await new Promise((resolve) => setTimeout(resolve, 1100));
    write({ [data]: "AS COMMITTED\n" });
    utimesSync(join(path, data), atime, before);
    expect(await stateOf(path)).toBe(`dirty: modified ${data}`);
  });

  it("does not, where a monitor says that nothing changed", async () => {
    const { path, git, write } = clone();
    const hook = join(path, ".git/monitor");
    writeFileSync(hook, "#!/bin/sh\nprintf 'token\\0'\n");
    chmodSync(hook, 0o755);
    git("config", "core.fsmonitor", hook);
    git("update-index", "--fsmonitor");
    git("status");
    write({ [data]: "not committed\n" });
    expect(await stateOf(path)).toBe(`dirty: modified ${data}`);
  });

  it("does not, where names differ in case alone", async () => {
    const { path, git } = clone();
    git("config", "core.ignoreCase", "true");
    renameSync(join(path, data), join(path, "science/nist-basic/Data"));
    expect(await stateOf(path)).toBe(`dirty: deleted ${data}`);
  });
});

describe("an index that is not HEAD's", () => {
  it("is dirty, though the working tree is", async () => {
    const { path, git } = clone();
    const other = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: path, input: "staged\n" });
    git("update-index", "--cacheinfo", `100644,${String(other).trim()},${data}`);
    expect(await stateOf(path)).toBe(`dirty: modified ${data}`);
  });

  it("is dirty with a file that is only meant to be added", async () => {
    const { path, git, write } = clone();
    write({ "science/nist-basic/new": "x" });
    git("add", "-N", "science/nist-basic/new");
    expect(await stateOf(path)).toBe("dirty: added science/nist-basic/new");
  });
});

describe("what only this clone has in place of commits", () => {
  it("does not count: a replaced commit", async () => {
    const { path, git } = clone();
    const { head } = (await detectChanges(path, {})).changes;
    const other = git("commit-tree", "-m", "another history", "HEAD^{tree}");
    git("replace", "HEAD", other);
    expect((await detectChanges(path, {})).changes.head).toEqual(head);
  });

  it("does not count: a graft", async () => {
    const { path, git } = clone();
    const { head } = (await detectChanges(path, {})).changes;
    writeFileSync(join(path, ".git/info/grafts"), `${git("rev-parse", "HEAD")}\n`);
    expect((await detectChanges(path, {})).changes.head).toEqual(head);
  });
});

describe("a sparse checkout", () => {
  it.each([
    ["", []],
    [" with a sparse index", ["--sparse-index"]],
  ])("without a layer is refused%s", async (_, options) => {
    const { path, git } = clone();
    git("sparse-checkout", "set", "--cone", ...options, "compat");
    expect(await stateOf(path)).toContain("sparse-checkout: science/nist-basic-2/Dockerfile and 4 more");
  });

  it("that has the whole catalogue is as good as any", async () => {
    const world = clone();
    world.commit({ "docs/manual": "x" });
    world.git("sparse-checkout", "set", "--cone", "science", "compat");
    expect(await stateOf(world.path)).toBe("clean: ");
  });
});

describe("a submodule", () => {
  /** In a layer's context; returns the folder that it is cloned from too. */
  function withSubmodule(at = "science/nist-basic/mod"): Repository {
    const inner = repository({ data: "d\n", ".gitignore": "*.pyc\n" });
    const world = clone();
    world.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.path, at);
    world.commit({});
    return world;
  }

  it("that is not checked out is refused with the command that fetches it", async () => {
    const { path } = withSubmodule();
    const folder = mkdtempSync(join(tmpdir(), "image-builder-clone-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    execFileSync("git", ["clone", "-q", path, join(folder, "c")]);
    expect(await stateOf(join(folder, "c"))).toMatch(/^absent-submodule: .*mod.*git submodule update --init/);
  });

  it.each<[string, (world: Repository) => void]>([
    ["diff.ignoreSubmodules", ({ git }) => git("config", "diff.ignoreSubmodules", "all")],
    ["the repository's settings", ({ git }) => git("config", "submodule.science/nist-basic/mod.ignore", "all")],
    [
      ".gitmodules",
      (world) => {
        world.git("config", "-f", ".gitmodules", "submodule.science/nist-basic/mod.ignore", "all");
        world.commit({});
      },
    ],
  ])("is dirty with another content or commit, whatever %s say", async (_, ignore) => {
    const world = withSubmodule();
    ignore(world);
    expect(await stateOf(world.path)).toBe("clean: ");
    world.write({ "science/nist-basic/mod/data": "dirty" });
    expect(await stateOf(world.path)).toBe("dirty: modified science/nist-basic/mod");
    world.git("-C", "science/nist-basic/mod", "commit", "-qam", "another");
    expect(await stateOf(world.path)).toBe("dirty: modified science/nist-basic/mod");
    world.commit({});
    const { files } = (await detectChanges(world.path, {})).changes;
    expect(files.map(({ path }) => path)).toEqual(["science/nist-basic/mod"]);
  });

  it("is not dirty with files that it does not track", async () => {
    const world = withSubmodule();
    world.write({ "science/nist-basic/mod/x.pyc": "1", "science/nist-basic/mod/y": "2" });
    expect(await stateOf(world.path)).toBe("clean: ");
  });

  it("cannot be all of science/", async () => {
    const inner = repository({ "a/Dockerfile": "FROM debian\n" });
    const world = repository({ README: "x" });
    world.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.path, "science");
    world.commit({});
    expect(await stateOf(world.path)).toContain("linked-directory: science is a submodule");
  });
});

describe("a repository whose work tree is elsewhere", () => {
  it("is refused, since git would compare other files", async () => {
    const { path, git } = clone();
    const elsewhere = mkdtempSync(join(tmpdir(), "image-builder-elsewhere-"));
    onTestFinished(() => rmSync(elsewhere, { recursive: true, force: true }));
    git("config", "core.worktree", elsewhere);
    expect(await stateOf(path)).toContain("not-a-work-tree");
  });
});

describe("what was read of the catalogue", () => {
  const read = async (path: string, files: Record<string, string>) => {
    const recipes = Object.entries(files).map(([name, text]) => ({ path: name, text }));
    return detectChanges(path, {}, async () => recipes);
  };

  it("is dirty where git does not have it, also when git ignores it", async () => {
    const { path, write } = clone();
    write({ "science/nist-basic/.dockerignore": "data\n", ".git/info/exclude": ".dockerignore\n" });
    const { changes } = await read(path, { "science/nist-basic/.dockerignore": "data\n" });
    expect(changes.head.dirty).toBe(true);
    expect(changes.files).toMatchObject([
      { path: "compat/jupyter/startup.sh" },
      { path: "science/nist-basic/.dockerignore", status: "added", uncommitted: true },
      { path: data },
    ]);
  });

  it("is what git has, where a filter made something else of it", async () => {
    const { path, git } = clone();
    git("config", "core.autocrlf", "true");
    rmSync(join(path, "science"), { recursive: true });
    git("checkout", "-q", "--", "science");
    const { changes, converted } = await read(path, { [dockerfile]: "FROM debian:bookworm-slim\r\n" });
    expect(changes.head.dirty).toBe(false);
    expect(converted).toEqual(new Map([[dockerfile, "FROM debian:bookworm-slim\n"]]));
  });
});
