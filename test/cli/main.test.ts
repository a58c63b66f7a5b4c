import { execFileSync, spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, type Executable } from "../support/executable.ts";
import { compatFiles, type Files, type Repository, repository, scienceFiles } from "../support/repository.ts";

let executable: Executable;
beforeAll(() => {
  executable = compile();
});

/** A catalogue whose plan is far longer than a pipe holds. */
function many(): Repository {
  const layers = Array.from({ length: 400 }, (_, index) => scienceFiles(`layer-${index}`, "debian:bookworm-slim"));
  return repository(layers.reduce<Files>((all, each) => ({ ...all, ...each }), compatFiles("jupyter")));
}

describe("the executable", () => {
  it("writes all of a long answer to a pipe before it ends", async () => {
    const { code, out } = await executable.run(["plan", "--format", "json", "--since", "all"], {
      directory: many().path,
    });
    expect(code).toBe(0);
    expect(out.length).toBeGreaterThan(200_000);
    expect(JSON.parse(out)).toMatchObject({ summary: { science: 400, compat: 400 } });
  });

  it("ends quietly when nobody reads on", () => {
    const script = `"$1" "$2" plan --since all -vv | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync("bash", ["-c", script, "bash", process.execPath, executable.main], {
      cwd: many().path,
      encoding: "utf8",
    });
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^change results in science image .*\n0\n$/);
  });

  it("ends with 2 where the catalogue is wrong, without a stack trace", async () => {
    const made = repository({ ...scienceFiles("a", "sci/b:1.0"), ...compatFiles("jupyter") });
    const { code, out, err } = await executable.run([], { directory: made.path });
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toMatch(/^science\/a\/Dockerfile:1:6: error\[/);
    expect(err).not.toMatch(/^\s+at /m);
  });

  it("colours only when asked, and not with NO_COLOR", async () => {
    const wrong = (environment: Record<string, string>, ...args: string[]) =>
      executable.run(["biuld", ...args], { environment });
    expect((await wrong({})).err).not.toContain("\u001b[");
    expect((await wrong({}, "--color", "always")).err).toContain("\u001b[31m");
    expect((await wrong({ IMAGE_BUILDER_COLOR: "always" })).err).toContain("\u001b[31m");
    const typescript = (env: Record<string, string>): string =>
      execFileSync("script", ["-qec", `"${process.execPath}" "${executable.main}" biuld || true`, "/dev/null"], {
        encoding: "utf8",
        env: { ...process.env, TERM: "xterm", NO_COLOR: "", ...env },
      });
    expect(typescript({})).toContain("\u001b[31m");
    expect(typescript({ NO_COLOR: "1" })).not.toContain("\u001b[");
  });
});
