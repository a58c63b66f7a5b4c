import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { thisProcess } from "../../src/disk/owner.ts";
import { lockClone } from "../../src/publish/clone-lock.ts";

function clone() {
  const git = mkdtempSync(join(tmpdir(), "image-builder-lock-"));
  onTestFinished(() => rmSync(git, { recursive: true }));
  const own = join(git, "image-builder");
  mkdirSync(own, { mode: 0o700 });
  return { folder: join(own, "runs"), own, file: join(own, "publishing.lock") };
}

const refused = { name: "RefusedError", diagnostics: [{ code: "clone-is-publishing" }] };

describe("the lock of a clone", () => {
  it("is one run's at a time, and leaves nothing when it is given back", async () => {
    const { folder, own } = clone();
    const unlock = await lockClone(folder);
    await expect(lockClone(folder)).rejects.toMatchObject(refused);
    await unlock();
    await (await lockClone(folder))();
    expect(readdirSync(own)).toEqual(["runs"]);
  });

  it("is not held by a process that has ended", async () => {
    const { folder, file } = clone();
    const self = await thisProcess();
    writeFileSync(file, JSON.stringify({ ...self, started: "1" }));
    await (await lockClone(folder))();
  });

  it("is held by one that cannot be asked as long as it gives signs of life", async () => {
    const { folder, file } = clone();
    const elsewhere = JSON.stringify({ pid: 1, host: `${hostname()}-other` });
    writeFileSync(file, elsewhere);
    await expect(lockClone(folder)).rejects.toMatchObject(refused);
    const long = new Date(Date.now() - 10 * 60_000);
    utimesSync(file, long, long);
    await (await lockClone(folder))();
  });

  it("goes to one of two that find a dead holder at once", async () => {
    const { folder, file } = clone();
    writeFileSync(file, JSON.stringify({ ...(await thisProcess()), started: "1" }));
    const tried = await Promise.allSettled([lockClone(folder), lockClone(folder), lockClone(folder)]);
    expect(tried.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });
});
