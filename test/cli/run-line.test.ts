import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";
import { compatFiles, repository, scienceFiles } from "../support/repository.ts";
import { recordedWorld } from "./command-line.ts";

let registry: HttpRegistry;
beforeAll(async () => {
  registry = await startHttpRegistry();
});
afterAll(() => registry.stop());

let catalogues = 0;

function catalogue(dockerfile: string) {
  const made = repository({
    ...scienceFiles("nist", "scratch"),
    "science/nist/Dockerfile": dockerfile,
    "science/nist/data": "data",
    ...compatFiles("jupyter"),
  });
  const environment = {
    IMAGE_BUILDER_REPO: `${registry.host}/images-${(catalogues += 1)}`,
    XDG_STATE_HOME: join(made.path, ".git/state"),
  };
  return async (line: string) => {
    const world = recordedWorld({ directory: made.path, environment });
    const code = await runCommandLine(line.split(" "), world);
    const [, name, logs = ""] = /^run (\S+), logs in (\S+)\n/m.exec(world.err()) ?? [];
    return { code, out: world.out(), err: world.err(), name, logs };
  };
}

const good = "FROM scratch\nCOPY data /data\n";

describe("the end of a run", () => {
  it("names the run and the folder of its logs, when it published, built, and did nothing", async () => {
    const run = catalogue(good);
    for (const line of ["build --since all --output oci:out", "--push --since all", "--push --since all"]) {
      const { code, err, name, logs } = await run(line);
      expect({ code, err }).toMatchObject({ code: 0, err: expect.stringMatching(/\nrun \S+, logs in \S+\n$/) });
      expect(logs.endsWith(`/${name}`) && existsSync(logs)).toBe(true);
    }
    const { out } = await run("build --since all --output oci:out --format json");
    const { run: name, logs } = JSON.parse(out) as { run: string; logs: string };
    expect(logs.endsWith(`/${name}`)).toBe(true);
    expect((await run("--push --since all -q")).err).toBe("");
  });

  it("names them when a build failed, and when publishing did", async () => {
    const failed = await catalogue("FROM scratch\nCOPY --chown=nobody data /data\n")("--push --since all");
    expect({ ...failed, there: existsSync(failed.logs) }).toMatchObject({ code: 1, there: true });
    const run = catalogue(good);
    const refuses = { on: true };
    registry.faults.push((request, response) =>
      refuses.on && request.method === "PUT" && request.url?.endsWith("/manifests/1.0")
        ? response.writeHead(403).end() !== undefined
        : false,
    );
    const { code, err, logs } = await run("--push --since all");
    refuses.on = false;
    expect({ code, err, there: existsSync(logs) }).toMatchObject({
      code: 1,
      err: expect.stringMatching(/403[^]*\nrun \S+, logs in \S+\n$/),
      there: true,
    });
  });

  it("names none of what was refused before it began", async () => {
    const { code, name } = await catalogue(good)("--push --since all --key nothing.pem");
    expect({ code, name }).toEqual({ code: 2, name: undefined });
  });
});
