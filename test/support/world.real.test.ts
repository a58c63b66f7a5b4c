import { execFileSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { engineEnvironment, testWorld } from "./world.ts";

const world = testWorld();

function docker(engine: typeof world.engine, ...args: string[]): string {
  const env = { ...process.env, ...engineEnvironment(engine) };
  return execFileSync(engine.client, args, { encoding: "utf8", env, stdio: ["ignore", "pipe", "pipe"] });
}

describe("the test world", () => {
  it.each(["engine", "modern"] as const)("has an engine (%s) that runs Debian's base image from the mirror", (name) => {
    expect(docker(world[name], "run", "--rm", "--network=none", world.base, "cat", "/etc/os-release")).toContain(
      "VERSION_CODENAME=bookworm",
    );
  });

  it("has an old engine without buildx and a newer one with it", () => {
    expect(() => docker(world.engine, "buildx", "version")).toThrow();
    expect(docker(world.modern, "buildx", "version")).toContain("buildx");
  });

  it("has a registry that takes what an engine pushes, and independent tools that can read it", () => {
    const reference = `${world.registry}/world-test/debian:1`;
    docker(world.engine, "pull", "--quiet", world.base);
    docker(world.engine, "tag", world.base, reference);
    docker(world.engine, "push", reference);
    expect(execFileSync(world.tools.crane, ["digest", reference], { encoding: "utf8" })).toMatch(/^sha256:/);
    const inspected = execFileSync(world.tools.skopeo, ["inspect", "--tls-verify=false", `docker://${reference}`], {
      encoding: "utf8",
    });
    expect(JSON.parse(inspected)).toMatchObject({ Os: "linux" });
  });
});
