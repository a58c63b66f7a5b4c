import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, type Executable } from "../support/executable.ts";
import { compatFiles, type Repository, repository, repositoryAt, scienceFiles } from "../support/repository.ts";
import { engineEnvironment, testWorld } from "../support/world.ts";

const world = testWorld();
const folder = mkdtempSync(join(tmpdir(), "image-builder-side-by-side-"));
let executable: Executable;
beforeAll(() => {
  executable = compile();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What it runs comes out otherwise each time. */
const catalogue = (): Repository => {
  const made = repository({
    ...scienceFiles("a", world.base),
    "science/a/Dockerfile": `FROM ${world.base}\nRUN cat /proc/sys/kernel/random/uuid > /a\n`,
    ...compatFiles("jupyter"),
    "compat/jupyter/Dockerfile": "RUN cat /proc/sys/kernel/random/uuid > /jupyter\n",
  });
  made.git("init", "-q", "--bare", join(made.path, ".git/remote"));
  made.git("remote", "add", "origin", join(made.path, ".git/remote"));
  return made;
};

let clones = 0;
function cloneOf(made: Repository): string {
  const path = join(folder, `clone-${(clones += 1)}`);
  execFileSync("git", ["clone", "-q", made.path, path]);
  repositoryAt(path).git("remote", "set-url", "origin", join(made.path, ".git/remote"));
  return path;
}

const environmentOf = (directory: string, repo: string) => ({
  ...engineEnvironment(world.engine),
  PATH: `${dirname(world.engine.client)}:${process.env["PATH"]}`,
  XDG_STATE_HOME: join(directory, ".git/state"),
  XDG_CACHE_HOME: join(directory, ".git/cache"),
  IMAGE_BUILDER_NETWORK: "none",
  IMAGE_BUILDER_REPO: repo,
});

const publish = (directory: string, repo: string) =>
  executable.run(["--push", "--since", "all", "--no-cache", "--lock", "git", "-q"], {
    directory,
    environment: environmentOf(directory, repo),
  });

const inspect = (reference: string, field: string): string =>
  execFileSync(world.tools.skopeo, ["inspect", "--tls-verify=false", "--format", field, `docker://${reference}`], {
    encoding: "utf8",
  }).trim();
const digestOf = (reference: string): string => inspect(reference, "{{.Digest}}");
const labelOf = (reference: string, label: string): string => inspect(reference, `{{index .Labels "${label}"}}`);

/** `sci/` and `rel/` hold one build, of this commit. */
function expectOneBuild(repo: string, commit: string): void {
  expect(labelOf(`${repo}/rel/a:1.0`, "org.opencontainers.image.revision")).toBe(commit);
  expect(labelOf(`${repo}/rel/a:1.0`, "org.sciserver.compat.base")).toContain(digestOf(`${repo}/sci/a:1.0`));
}

function expectSaid(out: string): void {
  const lines = out.split("\n").filter(Boolean);
  for (const line of lines) expect(digestOf(line.split("@")[0] ?? ""), line).toBe(line.split("@")[1]);
}

describe("two clones that publish at once under --lock git what an engine makes otherwise each time", () => {
  it("agree, where both are of one commit", async () => {
    for (let round = 1; round <= 2; round += 1) {
      const repo = `${world.registry}/same-${process.pid}-${round}`;
      const made = catalogue();
      const ended = await Promise.all([1, 2].map(() => publish(cloneOf(made), repo)));
      expect(ended.map(({ code, err }) => ({ code, err }))).toEqual([
        { code: 0, err: "" },
        { code: 0, err: "" },
      ]);
      for (const { out } of ended) expectSaid(out);
      expectOneBuild(repo, made.git("rev-parse", "HEAD"));
    }
  });

  it("end on the newer one of two commits", async () => {
    for (let round = 1; round <= 2; round += 1) {
      const repo = `${world.registry}/neighbours-${process.pid}-${round}`;
      const made = catalogue();
      const older = cloneOf(made);
      const commit = made.commit({ "compat/jupyter/Dockerfile": "RUN cat /proc/sys/kernel/random/uuid > /newer\n" });
      const [first, second] = await Promise.all([older, cloneOf(made)].map((clone) => publish(clone, repo)));
      expect([0, 2]).toContain(first?.code);
      expect(second).toMatchObject({ code: 0 });
      expectSaid(second?.out ?? "");
      expectOneBuild(repo, commit);
    }
  });
});
