import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, type Executable } from "../support/executable.ts";
import { compatFiles, type Repository, repository, scienceFiles } from "../support/repository.ts";
import { engineEnvironment, testWorld } from "../support/world.ts";

const world = testWorld();
const state = mkdtempSync(join(tmpdir(), "image-builder-state-"));
const environment = {
  ...engineEnvironment(world.engine),
  PATH: `${dirname(world.engine.client)}:${process.env.PATH}`,
  XDG_STATE_HOME: state,
  IMAGE_BUILDER_NETWORK: "none",
  IMAGE_BUILDER_REPO: `${world.registry}/cli-${process.pid}`,
  IMAGE_BUILDER_SINCE: "all",
  IMAGE_BUILDER_COLOR: "never",
};

let executable: Executable;
beforeAll(() => {
  executable = compile();
});
afterAll(() => {
  rmSync(state, { recursive: true, force: true });
});

/** `good` and `bad` on one base, and `child` on `bad`; `run` is what `bad` runs. */
const catalogue = (run: string): Repository =>
  repository({
    ...scienceFiles("good", world.base),
    ...scienceFiles("bad", world.base),
    "science/bad/Dockerfile": `FROM ${world.base}\nRUN ${run}\n`,
    ...scienceFiles("child", "sci/bad:1.0"),
    ...compatFiles("jupyter"),
  });

const stampOf = (made: Repository): string => `1-${made.git("rev-parse", "--short", "HEAD")}`;

describe("building with a Docker engine", () => {
  it("prints the references of what it built, and that nothing was pushed", async () => {
    const made = catalogue("true");
    const { code, out, err } = await executable.run([], { directory: made.path, environment });
    expect({ code, err }).toMatchObject({
      code: 0,
      err: expect.stringMatching(/6 built\nnothing was pushed: [^\n]+\nrun \S+, logs in \S+\n$/),
    });
    const names = ["sci/bad", "sci/good", "sci/child", "rel/bad", "rel/good", "rel/child"];
    const references = names.map((name) => `${environment.IMAGE_BUILDER_REPO}/${name}:1.0-${stampOf(made)}`);
    expect(out.trimEnd().split("\n").sort()).toEqual(references.sort());
  });

  it("goes on past a failure, shows it with its log, and exits with 1", async () => {
    const made = catalogue("echo it went wrong here; exit 7");
    const { code, out, err } = await executable.run(["--keep-going"], { directory: made.path, environment });
    expect(code).toBe(1);
    expect(out.split("\n").filter(Boolean)).toHaveLength(2);
    expect(err).toContain("it went wrong here");
    expect(err).toMatch(/2 built, 1 failed, 3 skipped\n/);
    const log = /failed {3}science\/bad: see (.+)\n/.exec(err)?.[1] ?? "";
    expect(readFileSync(log, "utf8")).toContain("it went wrong here");
  });

  it("stops when it is asked to, cleans up, and exits with 130", async () => {
    const made = catalogue("echo begun; sleep 300");
    const temporary = mkdtempSync(join(state, "tmp-"));
    const child = spawn(process.execPath, [executable.main, "-vvv", "--include", "science/bad"], {
      cwd: made.path,
      env: { ...process.env, ...environment, TMPDIR: temporary },
    });
    const [out, err] = [text(child.stdout), text(child.stderr)];
    const ended = new Promise((done) => child.on("close", done));
    child.stderr.on("data", (chunk: Buffer) => {
      if (chunk.includes("begun")) child.kill("SIGINT");
    });
    expect(await ended).toBe(130);
    expect(await err).toMatch(/stopping and cleaning up[^]*stopped {2}science\/bad\n/);
    expect(await out).toBe("");
    expect(readdirSync(temporary)).toEqual([]);
    expect(made.git("status", "--porcelain")).toBe("");
  });

  it("executes a saved plan, and refuses it on another commit", async () => {
    const made = catalogue("true");
    const file = join(state, "plan.json");
    const plan = ["plan", "--format", "json", "--output", file, "--include", "science/good"];
    expect((await executable.run(plan, { directory: made.path, environment })).code).toBe(0);
    const built = await executable.run(["build", "--plan", file, "--format", "json"], {
      directory: made.path,
      environment,
    });
    expect(built.code).toBe(0);
    const { results } = JSON.parse(built.out) as { results: { id: string; outcome: string }[] };
    expect(results.map(({ id, outcome }) => [id, outcome])).toEqual([
      ["science/good", "done"],
      ["compat/good:1.0", "done"],
    ]);
    made.commit({ "science/good/more": "more" });
    const refused = await executable.run(["build", "--plan", file], { directory: made.path, environment });
    expect(refused).toMatchObject({ code: 2, out: "", err: expect.stringContaining("error[plan-of-another-commit]") });
  });
});
