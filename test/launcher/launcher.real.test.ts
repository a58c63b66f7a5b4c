import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

/** A fresh clone of this repository, in a folder whose name has a space; what is committed is what is tested. */
const folder = mkdtempSync(join(tmpdir(), "image-builder launcher-"));
const home = join(folder, "fresh clone");
const launcher = join(home, "image-builder");
const source = join(import.meta.dirname, "../..");

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const offline = { npm_config_registry: "http://127.0.0.1:9", npm_config_offline: "true" };

async function run(args: readonly string[], environment: NodeJS.ProcessEnv = {}, path = launcher): Promise<Ended> {
  const child = spawn(path, args, { cwd: folder, env: { ...process.env, ...environment } });
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended(child)]);
  return { code, out, err };
}

const ended = (child: ChildProcess): Promise<number | null> => new Promise((done) => child.on("close", done));

const git = (...args: string[]): string => execFileSync("git", ["-C", home, ...args], { encoding: "utf8" });

beforeAll(() => {
  execFileSync("git", ["clone", "-q", "--no-local", source, home], { stdio: "pipe" });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const version = (): string =>
  (JSON.parse(readFileSync(join(home, "package.json"), "utf8")) as { version: string }).version;

describe("the launcher in a fresh clone", () => {
  it("installs and compiles once, though it is started twice at the same moment", async () => {
    const both = await Promise.all([run(["--version"]), run(["--version"])]);
    for (const { code, out, err } of both)
      expect({ code, out, err }).toMatchObject({ code: 0, out: `image-builder ${version()}\n` });
    const said = both.map(({ err }) => err).join("");
    expect(said.match(/installing the locked dependencies/g)).toHaveLength(1);
    expect(said.match(/compiling$/gm)).toHaveLength(1);
  });

  it("leaves nothing behind that git would see", () => {
    expect(git("status", "--porcelain")).toBe("");
  });

  it("needs no network and no npm afterwards, and says nothing of its own", async () => {
    expect(await run(["--version"], offline)).toEqual({ code: 0, out: `image-builder ${version()}\n`, err: "" });
  });

  it("starts through a symbolic link from anywhere", async () => {
    const link = join(folder, "ib");
    symlinkSync("fresh clone/image-builder", link);
    expect((await run(["--version"], offline, link)).code).toBe(0);
  });

  it("starts in a few times what node alone takes", async () => {
    const ours = await best(() => run(["--version"]));
    const nodes = await best(() => run(["-e", "0"], {}, process.execPath));
    expect(ours).toBeLessThan(6 * nodes);
  });

  it("compiles again, without network, when a source is newer, and not a second time", async () => {
    writeFileSync(
      join(home, "package.json"),
      readFileSync(join(home, "package.json"), "utf8").replace(version(), "9.9.9"),
    );
    expect(await run(["--version"], offline)).toEqual({
      code: 0,
      out: "image-builder 9.9.9\n",
      err: "image-builder: compiling\n",
    });
    expect((await run(["--version"], offline)).err).toBe("");
  });

  it("says where a source does not compile, and works again once it does", async () => {
    const file = join(home, "src/cli/version.ts");
    const good = readFileSync(file, "utf8");
    appendFileSync(file, "this is no code\n");
    const broken = await run(["--version"], offline);
    expect(broken.code).toBe(2);
    expect(broken.err).toContain("src/cli/version.ts");
    writeFileSync(file, good);
    expect((await run(["--version"], offline)).code).toBe(0);
  });

  it("takes over from a first use that was killed", async () => {
    const child = spawn("true");
    await ended(child);
    mkdirSync(join(home, ".launcher.lock"));
    writeFileSync(join(home, ".launcher.lock/pid"), `${child.pid}\n`);
    appendFileSync(join(home, "src/cli/version.ts"), "\n");
    expect((await run(["--version"], offline)).code).toBe(0);
    expect(git("status", "--porcelain", "--untracked-files=all", "--", ".launcher.lock", "dist")).toBe("");
  });
});

async function best(measured: () => Promise<Ended>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    const start = performance.now();
    await measured();
    times.push(performance.now() - start);
  }
  return Math.min(...times);
}
