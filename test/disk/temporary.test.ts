import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { clearLeftovers } from "../../src/disk/leftovers.ts";
import { ownerFile, thisProcess } from "../../src/disk/owner.ts";
import { makeTemporary, temporaryPrefix, withTemporary } from "../../src/disk/temporary.ts";

const root = mkdtempSync(join(tmpdir(), "disk-test-"));
const holder = join(root, "holder.mjs");
beforeAll(async () => {
  const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' };
  const entryPoints = [join(import.meta.dirname, "holder.ts")];
  await build({ entryPoints, outfile: holder, bundle: true, platform: "node", format: "esm", banner });
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const isRoot = process.getuid?.() === 0;
const nobody = 65534;

/** A folder as /tmp is. */
function commonFolder(): string {
  const folder = mkdtempSync(join(root, "tmp-"));
  chmodSync(folder, 0o1777);
  return folder;
}

/** A process with a temporary folder, and where that is. */
async function startHolder(parent: string, files = 1): Promise<{ child: ChildProcess; folder: string }> {
  const child = spawn(process.execPath, [holder, String(files)], { env: { ...process.env, TMPDIR: parent } });
  onTestFinished(() => void child.kill("SIGKILL"));
  const path = await new Promise<string>((done) =>
    child.stdout.once("data", (text: Buffer) => done(String(text).trim())),
  );
  return { child, folder: dirname(path) };
}

async function kill(child: ChildProcess): Promise<void> {
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGKILL");
  await ended;
}

function folderWith(parent: string, name: string, owner: object | string | undefined): string {
  const folder = join(parent, `${temporaryPrefix}${name}`);
  mkdirSync(join(folder, "files"), { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  if (owner !== undefined)
    writeFileSync(join(folder, ownerFile), typeof owner === "string" ? owner : JSON.stringify(owner));
  return folder;
}

const daysAgo = (days: number): Date => new Date(Date.now() - days * 24 * 60 * 60 * 1000);

describe("a temporary folder", () => {
  it("may be entered by its user alone, and has no name that can be foretold", async () => {
    const parent = commonFolder();
    const [a, b] = await Promise.all([makeTemporary(parent), makeTemporary(parent)]);
    expect(a.path).not.toBe(b.path);
    expect(lstatSync(dirname(a.path)).mode & 0o777).toBe(0o700);
    expect(dirname(a.path)).not.toContain(String(process.pid));
    expect(readdirSync(a.path)).toEqual([]);
    await Promise.all([a.remove(), b.remove()]);
    expect(readdirSync(parent)).toEqual([]);
    await a.remove();
  });

  it("is gone when its work has failed", async () => {
    let seen = "";
    const failing = withTemporary(async (path) => {
      seen = path;
      writeFileSync(join(path, "x"), "");
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(existsSync(dirname(seen))).toBe(false);
  });

  it("is told where its parent is missing", async () => {
    await expect(makeTemporary(join(root, "nowhere"))).rejects.toThrow("ENOENT");
  });
});

describe("what a killed run left", () => {
  it("is cleared by a later run, and a run that goes on keeps its folder", async () => {
    const parent = commonFolder();
    const [killed, alive] = await Promise.all([startHolder(parent), startHolder(parent)]);
    await kill(killed.child);
    expect(readFileSync(join(killed.folder, "files/1"), "utf8")).toBe("half a layer");
    await clearLeftovers(parent, temporaryPrefix);
    expect(existsSync(killed.folder)).toBe(false);
    expect(readFileSync(join(alive.folder, "files/1"), "utf8")).toBe("half a layer");
  });

  it("is cleared by the next temporary folder, without being asked for", async () => {
    const parent = commonFolder();
    const { child, folder } = await startHolder(parent);
    await kill(child);
    const next = await startHolder(parent);
    await expect.poll(() => existsSync(folder)).toBe(false);
    expect(existsSync(next.folder)).toBe(true);
  });

  it("is known although its process id was given to another process", async () => {
    const parent = commonFolder();
    const folder = folderWith(parent, "reused", { ...(await thisProcess()), started: "1" });
    await clearLeftovers(parent, temporaryPrefix);
    expect(existsSync(folder)).toBe(false);
  });

  it.runIf(existsSync("/proc/self/stat"))("is known although nobody has asked how its process ended", async () => {
    const parent = commonFolder();
    // What replaces the shell is the parent of a process that it does not know of.
    const child = spawn("sh", ["-c", '"$@" & exec sleep 60', "sh", process.execPath, holder], {
      env: { ...process.env, TMPDIR: parent },
    });
    onTestFinished(() => void child.kill("SIGKILL"));
    const folder = await new Promise<string>((done) =>
      child.stdout.once("data", (text: Buffer) => done(dirname(String(text).trim()))),
    );
    const { pid } = JSON.parse(readFileSync(join(folder, ownerFile), "utf8")) as { pid: number };
    process.kill(pid, "SIGKILL");
    await expect.poll(() => readFileSync(`/proc/${pid}/stat`, "utf8")).toContain(") Z ");
    await clearLeftovers(parent, temporaryPrefix);
    expect(existsSync(folder)).toBe(false);
  });

  it("is cleared although the run was killed while it removed it", async () => {
    const parent = commonFolder();
    const { child, folder } = await startHolder(parent, 5_000);
    child.stdin?.write("remove it\n");
    while (readdirSync(join(folder, "files")).length === 5_000) await new Promise(setImmediate);
    await kill(child);
    await clearLeftovers(parent, temporaryPrefix);
    expect(existsSync(folder)).toBe(false);
  });

  it.each(["host", "boot", "namespace"])("stays for a week where the %s is another", async (key) => {
    const parent = commonFolder();
    const owner = { ...(await thisProcess()), pid: 4_000_000, [key]: "another" };
    const [young, old] = [folderWith(parent, "young", owner), folderWith(parent, "old", owner)];
    utimesSync(young, daysAgo(6), daysAgo(6));
    utimesSync(old, daysAgo(8), daysAgo(8));
    await clearLeftovers(parent, temporaryPrefix);
    expect([existsSync(young), existsSync(old)]).toEqual([true, false]);
  });

  it.each(["not JSON", "{}", '{"pid":-1,"host":"x"}'])("stays where %j is all that says whose it is", async (text) => {
    const parent = commonFolder();
    const folder = folderWith(parent, "odd", text);
    utimesSync(folder, daysAgo(30), daysAgo(30));
    await clearLeftovers(parent, temporaryPrefix);
    expect(existsSync(folder)).toBe(true);
  });

  it("is an empty folder where it was killed at once, and nothing else without an owner", async () => {
    const parent = commonFolder();
    const [empty, young, full] = ["empty", "young", "full"].map((name) => join(parent, `${temporaryPrefix}${name}`));
    for (const folder of [empty, young, full]) mkdirSync(folder as string, { mode: 0o700 });
    writeFileSync(join(full as string, "precious"), "");
    for (const folder of [empty, full]) utimesSync(folder as string, daysAgo(1), daysAgo(1));
    await clearLeftovers(parent, temporaryPrefix);
    expect([empty, young, full].map((folder) => existsSync(folder as string))).toEqual([false, true, true]);
  });

  it("is no link, no file and no folder that others may enter", async () => {
    const parent = commonFolder();
    const gone = { ...(await thisProcess()), pid: 4_000_000 };
    const target = folderWith(mkdtempSync(join(root, "elsewhere-")), "target", gone);
    symlinkSync(target, join(parent, `${temporaryPrefix}link`));
    writeFileSync(join(parent, `${temporaryPrefix}file`), "");
    chmodSync(folderWith(parent, "open", gone), 0o755);
    await clearLeftovers(parent, temporaryPrefix);
    expect(readdirSync(parent).sort()).toEqual(["file", "link", "open"].map((name) => `${temporaryPrefix}${name}`));
    expect(existsSync(target)).toBe(true);
  });

  it("is removed without following its links", async () => {
    const parent = commonFolder();
    const precious = mkdtempSync(join(root, "precious-"));
    writeFileSync(join(precious, "x"), "");
    const folder = folderWith(parent, "gone", { ...(await thisProcess()), pid: 4_000_000 });
    symlinkSync(precious, join(folder, "files/link"));
    await clearLeftovers(parent, temporaryPrefix);
    expect([existsSync(folder), existsSync(join(precious, "x"))]).toEqual([false, true]);
  });

  it.runIf(isRoot)("is never another user's", async () => {
    const parent = commonFolder();
    const folder = folderWith(parent, "other", { ...(await thisProcess()), pid: 4_000_000 });
    chownSync(folder, nobody, nobody);
    await clearLeftovers(parent, temporaryPrefix);
    expect(existsSync(folder)).toBe(true);
  });
});
