import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { recordedWorld } from "../cli/command-line.ts";
import { login, startRegistry } from "../support/registry.ts";
import { repository } from "../support/repository.ts";
import { seed } from "./worlds.ts";

describe("a registry with logins", () => {
  it("that refuses is told once for all images, and answers with the login", async () => {
    const server = await startRegistry({ auth: "htpasswd" });
    onTestFinished(() => server.stop());
    const config = mkdtempSync(join(tmpdir(), "image-builder-test-"));
    onTestFinished(() => rmSync(config, { recursive: true }));
    const run = async (...words: string[]) => {
      const world = recordedWorld({ directory: repository(seed).path, environment: { DOCKER_CONFIG: config } });
      const code = await runCommandLine([...words, "--repo", `${server.host}/images`], world);
      return { code, out: world.out(), err: world.err() };
    };
    const refused = await run("status");
    expect(refused.code).toBe(1);
    expect(refused.err).toContain("error[unreadable-images]: 8 images or lists of tags cannot be read");
    expect(refused.err).toContain(`docker login ${server.host}`);
    expect(refused.err).toContain("/images/rel/astro:1.0");
    expect(refused.out).toContain("3 image-versions: 3 unknown");
    expect(refused.err).not.toContain(login.password);
    const auth = Buffer.from(`${login.user}:${login.password}`).toString("base64");
    writeFileSync(join(config, "config.json"), JSON.stringify({ auths: { [server.host]: { auth } } }));
    expect(await run("status")).toMatchObject({ code: 0, out: expect.stringContaining("3 not published") });
  });
});
