import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { recordedWorld } from "../cli/command-line.ts";
import { type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";
import { repositoryAt } from "../support/repository.ts";

const root = mkdtempSync(join(tmpdir(), "unreadable-history-"));
const catalogue = join(root, "catalogue");
let registry: HttpRegistry;
beforeAll(async () => {
  registry = await startHttpRegistry();
  cpSync(join(import.meta.dirname, "../../examples/quickstart"), catalogue, { recursive: true });
  repositoryAt(catalogue).commit({}, "start");
});
afterAll(async () => {
  await registry.stop();
  rmSync(root, { recursive: true, force: true });
});

it("what git cannot read makes a verdict unknown, and not changed", async () => {
  const run = async (...words: string[]): Promise<{ code: number; out: string }> => {
    const environment = { ...process.env, XDG_STATE_HOME: root, XDG_CACHE_HOME: root };
    const world = recordedWorld({ directory: catalogue, environment });
    const code = await runCommandLine([...words, "--repo", `${registry.host}/r`], world);
    return { code, out: world.out() };
  };
  expect(await run("--push", "--since", "all")).toMatchObject({ code: 0 });
  expect(await run("verify", "--all")).toMatchObject({ code: 0 });

  const name = "HEAD:science/stars/north.csv";
  const hash = execFileSync("git", ["rev-parse", name], { cwd: catalogue, encoding: "utf8" }).trim();
  rmSync(join(catalogue, ".git/objects", hash.slice(0, 2), hash.slice(2)));

  const { code, out } = await run("verify", "--all", "--format", "json");
  expect(code).toBe(1);
  expect(out).toContain(`git cannot read the object ${hash}`);
  expect(out).toContain('"verdict": "unknown"');
  expect(out).not.toContain('"verdict": "changed"');
});
