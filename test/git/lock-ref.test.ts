import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { lockRemote } from "../../src/git/lock-ref.ts";
import { repository } from "../support/repository.ts";

const ref = "refs/image-builder/publishing";
const signal = new AbortController().signal;

/** Two clones of one remote. */
function twoClones() {
  const remote = mkdtempSync(join(tmpdir(), "image-builder-remote-"));
  onTestFinished(() => rmSync(remote, { recursive: true }));
  execFileSync("git", ["init", "-q", "--bare", remote]);
  const clones = [repository({ file: "1" }), repository({ file: "2" })];
  for (const each of clones) each.git("remote", "add", "origin", remote);
  return { remote, paths: clones.map(({ path }) => path) as [string, string] };
}

describe("the lock in a remote", { timeout: 60_000 }, () => {
  it("is one clone's at a time, names its holder, and is free when it is given back", async () => {
    const { paths } = twoClones();
    const first = await lockRemote(paths[0], { holder: "run one", signal });
    await first.check();
    const heard: string[] = [];
    const impatient = { holder: "run two", signal, patience: 0, waiting: (holder: string) => void heard.push(holder) };
    await expect(lockRemote(paths[1], impatient)).rejects.toMatchObject({
      name: "FailedError",
      diagnostics: [{ code: "locked", message: expect.stringContaining("run one is publishing") }],
    });
    expect(heard).toEqual(["run one"]);
    await first.release();
    const second = await lockRemote(paths[1], { holder: "run two", signal });
    await second.release();
  });

  it("of a run that was killed expires, and is not the old holder's any more then", async () => {
    const { paths } = twoClones();
    const killed = await lockRemote(paths[0], { holder: "run one", signal, lifetime: -1 });
    const second = await lockRemote(paths[1], { holder: "run two", signal });
    await second.check();
    await expect(killed.check()).rejects.toMatchObject({ diagnostics: [{ code: "lock-lost" }] });
    await killed.release();
    await second.check();
    await second.release();
  });

  it("is taken over from what nobody can read, and is not asked for without a remote", async () => {
    const { remote, paths } = twoClones();
    const [clone] = [paths[0]];
    execFileSync("git", ["push", "-q", "origin", `HEAD:${ref}`], { cwd: clone });
    const lock = await lockRemote(clone, { holder: "run one", signal });
    await lock.release();
    expect(execFileSync("git", ["for-each-ref"], { cwd: remote, encoding: "utf8" })).toBe("");
    await expect(lockRemote(repository({ file: "1" }).path, { holder: "x", signal })).rejects.toMatchObject({
      name: "RefusedError",
      diagnostics: [{ code: "no-remote" }],
    });
  });
});
