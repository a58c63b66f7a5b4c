import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { expect, it } from "vitest";
import { startRegistry } from "../support/registry.ts";

it("a blob of 1 GiB is sent and read in less than 200 MB of memory", async () => {
  const folder = await mkdtemp(join(tmpdir(), "memory-"));
  const server = await startRegistry();
  try {
    const script = join(folder, "transfer.mjs");
    const banner = {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    };
    const entryPoints = [join(import.meta.dirname, "transfer.ts")];
    await build({
      entryPoints,
      outfile: script,
      bundle: true,
      platform: "node",
      format: "esm",
      mainFields: ["module", "main"],
      banner,
      logLevel: "error",
    });
    const { stdout } = await promisify(execFile)(process.execPath, [script, server.host, "1024"]);
    const { received, mebibytes } = JSON.parse(stdout) as { received: number; mebibytes: number };
    expect(received).toBe(1024 ** 3);
    expect(mebibytes).toBeLessThan(200);
  } finally {
    await server.stop();
    await rm(folder, { recursive: true });
  }
});
