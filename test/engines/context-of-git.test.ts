import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { type DetectOptions, detectChanges } from "../../src/changes/detect.ts";
import { readContexts } from "../../src/engines/context.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { type Repository, repository, scienceFiles } from "../support/repository.ts";

const folder = (name: string): string => {
  const path = mkdtempSync(join(tmpdir(), `image-builder-${name}-`));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** The context of science/x as a build gets it, without the recipe. */
async function contextOf(root: string, options: DetectOptions = {}, scratch = folder("scratch")) {
  const { changes } = await detectChanges(root, options);
  const contexts = await readContexts(root, ["science/x"], { ...changes, scratch: async () => scratch });
  return (contexts["science/x"] ?? []).filter(({ path }) => !/^(Dockerfile|sciserver-image.json)$/.test(path));
}

/** `path=content` as the build finds it. */
const contentsOf = async (root: string, options: DetectOptions = {}): Promise<string[]> =>
  (await contextOf(root, options)).map((file) => {
    const content = file.link ?? readFileSync(resolve(root, file.source), "utf8");
    expect(file.digest).toBe(sha256Digest(content));
    return `${file.path}${file.mode === 0o755 ? "*" : ""}${file.type === "symlink" ? "@" : ""}=${content}`;
  });

const world = (files: Record<string, string>): Repository =>
  repository({
    ...scienceFiles("x", "debian"),
    ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`science/x/${name}`, text])),
  });

describe("a build context", () => {
  it("has what HEAD has, and what is not committed as it is on disk", async () => {
    const { path, write } = world({ a: "1", b: "2", "d/c": "3" });
    write({ "science/x/a": "changed", "science/x/b": undefined });
    expect(await contentsOf(path)).toEqual(["a=changed", "d/c=3"]);
  });

  it("has nothing that git ignores or does not track, in a folder with tracked files either", async () => {
    const { path, write, git } = world({ "d/kept": "1" });
    write({
      ".git/info/exclude": "d/\n",
      "science/x/d/ignored": "2",
      "science/x/new": "3",
      "science/x/.gitignore": "n",
    });
    write({ "science/x/nested/file": "4" });
    git("init", "-q", "science/x/nested");
    expect(await contentsOf(path)).toEqual(["d/kept=1"]);
    expect(await contentsOf(path, { untracked: true })).toEqual([".gitignore=n", "d/kept=1", "new=3"]);
  });

  it("has HEAD's mode where git does not look at modes", async () => {
    const { path, git } = world({ "run.sh": "1", data: "2" });
    git("update-index", "--chmod=+x", "science/x/run.sh");
    git("commit", "-qm", "mode");
    git("config", "core.fileMode", "false");
    chmodSync(join(path, "science/x/data"), 0o755);
    expect(await contentsOf(path)).toEqual(["data=2", "run.sh*=1"]);
  });

  it("has a link where links are checked out as files", async () => {
    const { path, git } = world({ a: "1" });
    const target = execFileSync("git", ["hash-object", "-w", "--stdin"], { cwd: path, input: "a" }).toString().trim();
    git("update-index", "--add", "--cacheinfo", `120000,${target},science/x/link`);
    git("commit", "-qm", "link");
    git("config", "core.symlinks", "false");
    git("checkout", "-q", "--", "science");
    expect(readFileSync(join(path, "science/x/link"), "utf8")).toBe("a");
    expect(await contentsOf(path)).toEqual(["a=1", "link@=a"]);
  });

  it.each([
    ["line ends", "* text=auto eol=crlf\n", "one\r\n"],
    ["identifiers", "* ident\n", "one\n"],
    ["encodings", "x working-tree-encoding=UTF-16\n", "one\n"],
    ["a filter of a person's own", "* filter=shout\n", "ONE\n"],
  ])("has the blob, not what a checkout made of it: %s", async (_, attributes) => {
    const { path, git, write } = world({ x: "$Id$ one\n" });
    git("config", "filter.shout.smudge", "tr a-z A-Z");
    git("config", "filter.shout.clean", "sed -e 's/ID/Id/' -e 's/ONE/one/'");
    write({ ".git/info/attributes": attributes });
    rmSync(join(path, "science/x/x"));
    git("checkout", "-q", "--", "science/x/x");
    expect(readFileSync(join(path, "science/x/x"), "utf8")).not.toBe("$Id$ one\n");
    expect(git("status", "--short")).toBe("");
    expect(await contentsOf(path)).toEqual(["x=$Id$ one\n"]);
  });

  it("is digested the same in a clone that converts, without a folder for contents", async () => {
    const { path } = world({ x: "one\ntwo\n" });
    const clone = join(folder("clone"), "c");
    execFileSync("git", ["clone", "-q", "-c", "core.autocrlf=true", path, clone]);
    const [there, here] = await Promise.all(
      [path, clone].map(async (root) => {
        const { changes } = await detectChanges(root, {});
        const { "science/x": files = [] } = await readContexts(root, ["science/x"], changes);
        return files.map((file) => ({ ...file, source: "" }));
      }),
    );
    expect(here).toEqual(there);
  });

  it("has HEAD's content in place of what was changed behind git's back", async () => {
    const { path, write } = world({ x: "one" });
    const { changes } = await detectChanges(path, {});
    write({ "science/x/x": "two" });
    const scratch = folder("scratch");
    const { "science/x": files = [] } = await readContexts(path, ["science/x"], {
      ...changes,
      scratch: async () => scratch,
    });
    const file = files.find((each) => each.path === "x");
    expect(readFileSync(resolve(path, file?.source ?? ""), "utf8")).toBe("one");
  });
});

describe("a file that git LFS keeps", () => {
  const content = "large";
  const oid = sha256Digest(content).slice("sha256:".length);
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${content.length}\n`;
  const lfs = (attributes = "model filter=lfs diff=lfs merge=lfs -text\n"): Repository =>
    world({ model: pointer, ".gitattributes": attributes });

  /** As `git lfs pull` leaves it, for which no git-lfs is needed: git compares nothing while times are those of its index. */
  function fetched({ path, git }: Repository, text: string): void {
    git("config", "filter.lfs.clean", `cat >/dev/null; printf '${pointer.replaceAll("\n", "\\n")}'`);
    writeFileSync(join(path, "science/x/model"), text);
    git("add", "science/x/model");
  }

  it("is its content, whose digest the pointer tells", async () => {
    const made = lfs();
    fetched(made, content);
    expect(made.git("status", "--short")).toBe("");
    expect((await contentsOf(made.path))[1]).toBe("model=large");
  });

  it.each(["", "damaged"])("is refused where another content was fetched (%s)", async (text) => {
    const made = lfs();
    if (text !== "") fetched(made, text);
    await expect(contextOf(made.path)).rejects.toMatchObject({ diagnostics: [{ code: "large-file-not-fetched" }] });
  });

  it("has the same digest where it was not fetched and nothing is built", async () => {
    const { path } = lfs();
    const { changes } = await detectChanges(path, {});
    const { "science/x": files = [] } = await readContexts(path, ["science/x"], changes);
    expect(files.find((each) => each.path === "model")).toMatchObject({ digest: sha256Digest(content), size: 5 });
  });

  it("is a plain file where no attribute says so", async () => {
    const { path } = lfs("# none\n");
    expect((await contentsOf(path))[1]).toBe(`model=${pointer}`);
  });
});

describe("a submodule in a build context", () => {
  function withSubmodule(): Repository {
    const inner = repository({ data: "d\n", ".gitignore": "*.pyc\n" });
    const made = world({ a: "1" });
    made.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.path, "science/x/mod");
    made.commit({});
    return made;
  }

  it("is what it tracks, and nothing beside it", async () => {
    const { path, write } = withSubmodule();
    write({ "science/x/mod/x.pyc": "1", "science/x/mod/new": "2" });
    expect(await contentsOf(path)).toEqual(["a=1", "mod/.gitignore=*.pyc\n", "mod/data=d\n"]);
  });

  it("is HEAD's content where git was told not to look, and the disk's where it is dirty", async () => {
    const { path, write, git } = withSubmodule();
    git("-C", "science/x/mod", "update-index", "--assume-unchanged", "data");
    write({ "science/x/mod/data": "hidden" });
    expect((await contentsOf(path))[2]).toBe("mod/data=d\n");
    git("-C", "science/x/mod", "update-index", "--no-assume-unchanged", "data");
    expect((await contentsOf(path))[2]).toBe("mod/data=hidden");
  });

  it("within a submodule is refused when it is not checked out", async () => {
    const [inner, middle] = [repository({ data: "d" }), repository({ m: "m" })];
    middle.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.path, "inner");
    middle.commit({});
    const made = world({ a: "1" });
    made.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", middle.path, "science/x/mod");
    made.commit({});
    expect(existsSync(join(made.path, "science/x/mod/inner/.git"))).toBe(false);
    await expect(contextOf(made.path)).rejects.toMatchObject({ diagnostics: [{ code: "absent-submodule" }] });
  });
});
