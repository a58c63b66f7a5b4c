import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { thisProcess } from "../../src/disk/owner.ts";
import { compile, type Executable } from "../support/executable.ts";
import { startHttpRegistry } from "../support/http-registry.ts";
import { repositoryAt } from "../support/repository.ts";

const root = mkdtempSync(join(tmpdir(), "second-user-"));
let executable: Executable;
beforeAll(() => {
  executable = compile();
});
afterAll(() => {
  execFileSync("rm", ["-rf", root]);
});

const nobody = 65534;
const asSecondUser = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};

function quickstart(): string {
  const path = join(root, "catalogue");
  cpSync(join(import.meta.dirname, "../../examples/quickstart"), path, { recursive: true });
  repositoryAt(path).commit({}, "start");
  return path;
}

/**
 * Folders for the next 3,000 process ids, with a link to a file of the victim's in the place of the first file. After the
 * largest one Linux goes on with 300.
 */
const prepare = `
  const { mkdirSync, readFileSync, symlinkSync } = require("node:fs");
  const [folder, victim] = process.argv.slice(1);
  const last = Number(readFileSync("/proc/sys/kernel/pid_max", "utf8"));
  for (let next = process.pid; next < process.pid + 3000; next += 1) {
    const pid = next < last ? next : next - last + 300;
    const prepared = folder + "/assemble-" + pid + "-1";
    mkdirSync(prepared);
    symlinkSync(victim, prepared + "/1");
  }`;

describe("another user of the machine", () => {
  it("overwrites nothing by preparing folders for the next 3,000 process ids", async () => {
    const [common, home, catalogue] = [join(root, "tmp"), join(root, "home"), quickstart()];
    mkdirSync(common);
    mkdirSync(home);
    chmodSync(root, 0o755);
    chmodSync(common, 0o1777);
    const victim = join(home, "precious");
    writeFileSync(victim, "precious");
    execFileSync(process.execPath, ["-e", prepare, common, victim], asSecondUser);
    const prepared = readdirSync(common);
    expect(prepared).toHaveLength(3000);

    const { pid, code, err } = await executable.run(["--since", "all", "--output", "oci:out"], {
      directory: catalogue,
      environment: { TMPDIR: common, HOME: home, XDG_STATE_HOME: undefined, XDG_CACHE_HOME: undefined },
    });

    expect({ code, err }).toMatchObject({ code: 0 });
    expect(prepared).toContain(`assemble-${pid}-1`);
    expect(readFileSync(victim, "utf8")).toBe("precious");
    expect(new Set(readdirSync(common))).toEqual(new Set(prepared));
  });

  it("finds nothing of a killed run after the next one, even where that needed no temporary folder", async () => {
    const common = mkdtempSync(join(root, "left-"));
    const left = join(common, "image-builder-run-killed");
    mkdirSync(left, { mode: 0o700 });
    writeFileSync(join(left, "owner.json"), JSON.stringify({ ...(await thisProcess()), pid: 4_000_000 }));
    const registry = await startHttpRegistry();
    registry.faults.push((_request, response) => {
      response.writeHead(403).end();
      return true;
    });
    const { code } = await executable.run(["--since", "all", "--push", "--repo", `${registry.host}/none`], {
      directory: join(root, "catalogue"),
      environment: { TMPDIR: common, XDG_STATE_HOME: join(root, "state") },
    });
    await registry.stop();
    expect({ code, left: readdirSync(common) }).toEqual({ code: 1, left: [] });
  });

  it("reads neither logs nor caches of the first, also where they were open before", async () => {
    const home = mkdtempSync(join(root, "home-"));
    const [state, cache] = [join(home, ".local/state/image-builder"), join(home, ".cache/image-builder")];
    mkdirSync(state, { recursive: true, mode: 0o755 });
    const environment = { HOME: home, XDG_STATE_HOME: undefined, XDG_CACHE_HOME: undefined };
    const catalogue = join(root, "catalogue");
    const { code } = await executable.run(["--since", "all", "--output", "oci:again"], {
      directory: catalogue,
      environment,
    });
    expect(code).toBe(0);
    const folders = [state, cache].filter((each) => statSync(each, { throwIfNoEntry: false }));
    expect(folders).toContain(state);
    expect(folders.map((each) => (statSync(each).mode & 0o777).toString(8))).toEqual(folders.map(() => "700"));
    const logs = readdirSync(state, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".log"));
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.filter((name) => statSync(join(state, name)).mode & 0o077)).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0)("is given no logs by a folder that waits for them", async () => {
    const common = mkdtempSync(join(root, "state-"));
    chmodSync(common, 0o1777);
    execFileSync(
      process.execPath,
      ["-e", "require('fs').mkdirSync(process.argv[1])", join(common, "image-builder")],
      asSecondUser,
    );
    const { code, err } = await executable.run(["--since", "all", "--output", "oci:third"], {
      directory: join(root, "catalogue"),
      environment: { XDG_STATE_HOME: common },
    });
    expect({ code, err }).toMatchObject({ code: 2, err: expect.stringContaining("set XDG_STATE_HOME") });
  });
});
