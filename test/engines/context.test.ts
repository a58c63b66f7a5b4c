import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { readContexts } from "../../src/engines/context.ts";
import { fileTime, withStage } from "../../src/engines/staging.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { readyBuild } from "../contracts/engine.ts";
import { onDisk } from "../support/on-disk.ts";

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "context-"));
  mkdirSync(join(root, "science/x/d"), { recursive: true });
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
});

const read = async () => (await readContexts(root, ["science/x"], onDisk(root, ["science/x"])))["science/x"] ?? [];
const put = (path: string, content = "", mode = 0o644): void => {
  writeFileSync(join(root, "science/x", path), content);
  chmodSync(join(root, "science/x", path), mode);
};

describe("the files of a layer", () => {
  it("are read with one permission bit, their digests, and links as links", async () => {
    put("run.sh", "hello", 0o700);
    put("d/big", "b".repeat(5_000_000), 0o666);
    symlinkSync("/etc/passwd", join(root, "science/x/link"));
    symlinkSync("nowhere", join(root, "science/x/d/broken"));
    expect(await read()).toEqual([
      {
        path: "d/big",
        source: "science/x/d/big",
        type: "file",
        mode: 0o644,
        size: 5_000_000,
        digest: sha256Digest("b".repeat(5_000_000)),
      },
      {
        path: "d/broken",
        source: "science/x/d/broken",
        type: "symlink",
        mode: 0o644,
        size: 0,
        digest: sha256Digest("nowhere"),
        link: "nowhere",
      },
      {
        path: "link",
        source: "science/x/link",
        type: "symlink",
        mode: 0o644,
        size: 0,
        digest: sha256Digest("/etc/passwd"),
        link: "/etc/passwd",
      },
      { path: "run.sh", source: "science/x/run.sh", type: "file", mode: 0o755, size: 5, digest: sha256Digest("hello") },
    ]);
  });

  it("keep names that are not UTF-8", async () => {
    const name = Buffer.from([0x6c, 0xe9]);
    writeFileSync(Buffer.concat([Buffer.from(join(root, "science/x/")), name]), "latin");
    const [file] = await read();
    expect(file).toMatchObject({ path: "l\udce9", digest: sha256Digest("latin") });
    const context = file ? [file] : [];
    await withStage(
      readyBuild({ repo: "r", root }, "x", "", { context }),
      new AbortController().signal,
      async (stage) => {
        expect(readdirSync(stage.context, { encoding: "buffer" })).toEqual([name]);
      },
    );
  });

  it("that cannot be part of an image are reported together", async () => {
    const server = createServer().listen(join(root, "science/x/socket"));
    onTestFinished(() => void server.close());
    execFileSync("mkfifo", [join(root, "science/x/pipe")]);
    await new Promise((resolve) => server.once("listening", resolve));
    await expect(read()).rejects.toMatchObject({
      name: "RefusedError",
      diagnostics: [{ code: "special-file" }, { code: "special-file" }],
    });
  });

  it("that are gone are a problem with their names", async () => {
    const files = [{ path: "science/x/gone", status: "added", uncommitted: true } as const];
    await expect(readContexts(root, ["science/x"], { committed: [], files })).rejects.toThrow(
      "science/x/gone cannot be read",
    );
  });
});

describe("a build that is laid out", () => {
  it("has the planned modes and times, outside of the repository, and goes away", async () => {
    put("d/run.sh", "hello", 0o711);
    symlinkSync("run.sh", join(root, "science/x/d/link"));
    const ready = readyBuild({ repo: "r", root }, "x", "FROM scratch\n", { context: await read() });
    const folder = await withStage(ready, new AbortController().signal, async (stage) => {
      const file = statSync(join(stage.context, "d/run.sh"));
      expect([file.mode & 0o7777, file.mtimeMs / 1000]).toEqual([0o755, fileTime]);
      const directory = statSync(join(stage.context, "d"));
      expect([directory.mode & 0o7777, directory.mtimeMs / 1000]).toEqual([0o755, fileTime]);
      expect(readlinkSync(join(stage.context, "d/link"))).toBe("run.sh");
      expect(readdirSync(stage.context)).toEqual(["d"]);
      expect(stage.folder.startsWith(root)).toBe(false);
      return stage.folder;
    });
    expect(existsSync(folder)).toBe(false);
  });

  it("goes away also when building fails", async () => {
    let folder = "";
    const failing = withStage(readyBuild({ repo: "r", root }, "x", ""), new AbortController().signal, async (stage) => {
      folder = stage.folder;
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(existsSync(folder)).toBe(false);
  });

  it("fails when a file is not what was planned", async () => {
    put("a", "before");
    const ready = readyBuild({ repo: "r", root }, "x", "", { context: await read() });
    put("a", "after!");
    const use = async () => undefined;
    await expect(withStage(ready, new AbortController().signal, use)).rejects.toThrow("science/x/a was changed");
  });
});
