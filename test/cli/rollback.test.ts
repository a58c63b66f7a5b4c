import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";
import { compatFiles, type Repository, repository, scienceFiles } from "../support/repository.ts";
import { recordedWorld } from "./command-line.ts";

let registry: HttpRegistry;
beforeAll(async () => {
  registry = await startHttpRegistry();
});
afterAll(() => registry.stop());

let published = 0;

/** A catalogue that was published twice: before and after its interface changed. */
async function publishedTwice() {
  const repo = `${registry.host}/rollback-${(published += 1)}`;
  const made = repository({
    ...scienceFiles("nist-basic", "scratch"),
    "science/nist-basic/Dockerfile": "FROM scratch\nCOPY data /data\n",
    "science/nist-basic/data": "data",
    ...compatFiles("jupyter"),
    "compat/jupyter/Dockerfile": "ENV PORT=8888\n",
  });
  const run = async (line: string) => {
    const world = recordedWorld({ directory: made.path, environment: { IMAGE_BUILDER_REPO: repo } });
    const code = await runCommandLine(line.split(" "), world);
    return { code, out: world.out(), err: world.err() };
  };
  const first = await push(run, "--push --since all");
  made.commit({ "compat/jupyter/Dockerfile": "ENV PORT=9999\n" });
  const second = await push(run, "--push");
  const stable = () =>
    registry.store.repositories.get(`${repo.slice(registry.host.length + 1)}/rel/nist-basic`)?.tags.get("1.0");
  return { made, repo, run, first, second, stable };
}

async function push(run: (line: string) => Promise<{ code: number; out: string; err: string }>, line: string) {
  const { code, out, err } = await run(line);
  expect({ code, err }).toMatchObject({
    code: 0,
    err: expect.stringContaining("each with its unique and its stable tag"),
  });
  return /rel\/nist-basic:1\.0@(sha256:\w+)/.exec(out)?.[1] ?? "";
}

describe("rollback", () => {
  it("shows with --dryrun where the tag would point, and moves nothing", async () => {
    const { run, first, second, stable, repo } = await publishedTwice();
    expect(first).not.toBe(second);
    const { code, out, err } = await run("rollback nist-basic:1.0 --dryrun");
    expect({ code, out }).toEqual({ code: 0, out: `${repo}/rel/nist-basic:1.0: ${second} => ${first}\n` });
    expect(err).toContain("1 stable tag would be moved; nothing was done\n");
    expect(stable()).toBe(second);
  });

  it("points the tag back, though the catalogue is broken by now", async () => {
    const { run, first, stable, made } = await publishedTwice();
    made.commit({ "science/nist-basic/sciserver-image.json": "{" });
    const { code, out } = await run("rollback nist-basic:1.0 --format json");
    expect(JSON.parse(out)).toMatchObject({ formatVersion: 1, moved: true, units: [{ image: "nist-basic:1.0" }] });
    expect(code).toBe(0);
    expect(stable()).toBe(first);
  });

  it("undoes a run by its name", async () => {
    const { run, first, stable, made } = await publishedTwice();
    const name = lastRun(made);
    expect((await run(`rollback ${name}`)).code).toBe(0);
    expect(stable()).toBe(first);
  });

  it("refuses what it does not know, and says what it does", async () => {
    const { run, made } = await publishedTwice();
    const { code, err } = await run("rollback nobody");
    expect(code).toBe(2);
    expect(err).toContain(lastRun(made));
  });
});

const lastRun = ({ path }: Repository): string =>
  readdirSync(join(path, ".git/image-builder/runs")).sort().at(-1)?.replace(".json", "") ?? "";
