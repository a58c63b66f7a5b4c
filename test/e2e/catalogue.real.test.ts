import { execFile } from "node:child_process";
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Plan } from "../../src/plan/model.ts";
import { hostPlatform } from "../../src/publish/platform.ts";
import { type RemoteImage, readImage } from "../../src/registry/image.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { compile, type Ended, type Executable } from "../support/executable.ts";
import { openNotebook, runJob, startJupyter } from "../support/jupyter.ts";
import { type Repository, repositoryAt } from "../support/repository.ts";
import { engineEnvironment, type TestEngine, testWorld } from "../support/world.ts";

const run = promisify(execFile);
const world = testWorld();
const repo = `${world.registry}/e2e-${process.pid}-${Date.now()}`;
const registries = createRegistries();
const registry = registries.registryFor(world.registry);

let executable: Executable;
let folder: string;
let clone: Repository;

beforeAll(async () => {
  executable = compile();
  folder = mkdtempSync(join(tmpdir(), "image-builder-e2e-"));
  const project = join(import.meta.dirname, "../..");
  await run("git", ["clone", "-q", "--no-hardlinks", project, join(folder, "clone")]);
  clone = repositoryAt(join(folder, "clone"));
}, 120_000);

afterAll(async () => {
  executable.remove();
  rmSync(folder, { recursive: true, force: true });
  await registries.close();
});

/** The client comes first on the PATH, as on a machine that has only this one. */
const build = (engine: TestEngine, ...args: string[]): Promise<Ended> =>
  executable.run([...args, "--repo", repo, "--network", "host"], {
    directory: clone.path,
    environment: { ...engineEnvironment(engine), PATH: `${dirname(engine.client)}:${process.env["PATH"]}` },
  });

async function image(name: string): Promise<RemoteImage> {
  const [path = "", tag = ""] = name.split(":");
  const found = await readImage(registry, `${repo.slice(repo.indexOf("/") + 1)}/${path}`, tag, hostPlatform());
  if (!found) throw new Error(`${repo}/${name} is not published`);
  return found;
}

const stampOf = (): string =>
  `${clone.git("rev-list", "--count", "HEAD")}-${clone.git("log", "-1", "--abbrev=7", "--format=%h")}`;
const layersOf = ({ manifest }: RemoteImage): string[] => manifest.layers.map(({ digest }) => digest);
const labelsOf = ({ config }: RemoteImage): Readonly<Record<string, string>> => config.config?.Labels ?? {};

const sciences = [
  "scientific-python:1.0",
  "astronomy:1.0",
  "astronomy-photutils:1.0",
  "astronomy-1.1:1.1",
  "r-statistics:1.0",
  "source-extraction:1.0",
];
const finals = ["astronomy:1.0", "astronomy:1.1", "r-statistics:1.0", "scientific-python:1.0", "source-extraction:1.0"];

/** What each reference pointed to when it was last looked at. */
const seen = new Map<string, string>();

describe.sequential("the project's own catalogue", () => {
  it("is built by a Docker engine and published under both tags", async () => {
    const { code, err, out } = await build(world.engine, "--push", "--since", "all", "--engine", "docker");
    expect(code, err).toBe(0);
    for (const name of [...sciences.map((each) => `sci/${each}`), ...finals.map((each) => `rel/${each}`)]) {
      const [stable, unique] = [await image(name), await image(`${name}-${stampOf()}`)];
      expect(unique.named.digest).toBe(stable.named.digest);
      expect(out).toContain(`${repo}/${name}-${stampOf()}@${stable.named.digest}`);
      seen.set(name, stable.named.digest);
    }
  });

  it("has images that other tools read as this one does", async () => {
    const name = `${repo}/rel/astronomy:1.1`;
    const { stdout: skopeo } = await run(world.tools.skopeo, ["inspect", "--tls-verify=false", `docker://${name}`]);
    const inspected = JSON.parse(skopeo) as { Digest: string; Labels: object; Layers: string[] };
    const own = await image("rel/astronomy:1.1");
    expect(inspected).toMatchObject({ Digest: own.named.digest, Labels: labelsOf(own), Layers: layersOf(own) });
    const { stdout: crane } = await run(world.tools.crane, ["digest", "--insecure", name]);
    expect(crane.trim()).toBe(own.named.digest);
    await run(world.tools.crane, ["validate", "--insecure", "--remote", name], { maxBuffer: 1 << 24 });
  }, 300_000);

  it("has the layers of each parent below those of the child, and the trail of all of them in the labels", async () => {
    const chain = [
      "sci/scientific-python:1.0",
      "sci/astronomy:1.0",
      "sci/astronomy-photutils:1.0",
      "rel/astronomy:1.0",
    ];
    const images = await Promise.all(chain.map(image));
    for (const [at, upper] of images.entries()) {
      const lower = layersOf(images[at - 1] ?? upper);
      expect(layersOf(upper).slice(0, lower.length)).toEqual(lower);
    }
    const labels = labelsOf(images.at(-1) as RemoteImage);
    expect(labels).toMatchObject({
      "org.sciserver.compat.version": `astronomy:1.0-${stampOf()}`,
      "org.sciserver.science.scientific-python.version": `1.0-${stampOf()}`,
      "org.sciserver.science.astronomy.version": `1.0-${stampOf()}`,
      "org.sciserver.science.astronomy-photutils.version": `1.0-${stampOf()}`,
      "org.opencontainers.image.revision": clone.git("rev-parse", "HEAD"),
    });
    expect(labels["org.sciserver.compat.base"]).toContain(images[2]?.named.digest);
    expect(images.at(-1)?.config.config?.Env).toContain(`SCISERVER_IMAGE=astronomy:1.0-${stampOf()}`);
  });

  it("is built again only as far as interfaces go when one of their files changed", async () => {
    appendFileSync(join(clone.path, "compat/sciserver-common/README.md"), "\n");
    appendFileSync(join(clone.path, "compat/jupyter/Dockerfile"), "ENV E2E_TEST=changed\n");
    clone.commit({}, "compat/jupyter: change one thing");
    const dry = await build(world.engine, "--dryrun", "--push", "--format", "json");
    const plan = JSON.parse(dry.out) as Plan;
    expect(plan.summary.science).toBe(0);
    expect(plan.builds.map(({ id }) => id)).toContain("compat/astronomy:1.1");
    const started = Date.now();
    const real = await build(world.engine, "--push");
    expect(real.code, real.err).toBe(0);
    expect(real.err).not.toContain("science/");
    for (const name of sciences) expect((await image(`sci/${name}`)).named.digest).toBe(seen.get(`sci/${name}`));
    for (const { image: built, version } of plan.builds) {
      const renewed = await image(`rel/${built}:${version}`);
      expect(renewed.named.digest).not.toBe(seen.get(`rel/${built}:${version}`));
      expect(renewed.config.config?.Env).toContain("E2E_TEST=changed");
    }
    expect(Date.now()).toBeGreaterThan(started);
  });

  it("gives a Jupyter that opens in a browser and imports astropy", async () => {
    const name = `${repo}/rel/astronomy:1.1`;
    await run(world.engine.client, ["pull", "-q", name], {
      env: { ...process.env, ...engineEnvironment(world.engine) },
    });
    const server = await startJupyter(world.engine, name);
    try {
      const notebook = await openNotebook(world.tools.chromium, server, "python3");
      expect(
        await notebook.run("import astropy, os; print(astropy.__version__, os.environ['SCISERVER_IMAGE'])"),
      ).toContain(`astronomy:1.1-${stampOf()}`);
      expect(notebook.complaints).toEqual([]);
      await notebook.close();
    } finally {
      await server.stop();
    }
  }, 300_000);

  it("runs batch jobs, with output and exit status where a job system finds them", async () => {
    const job = await runJob(world.engine, `${repo}/rel/astronomy:1.1`, ["--cmdfile", "commands"], {
      commands: "id -un\npython3 -c 'import astropy; print(astropy.__name__)'\necho oops >&2\nexit 3\n",
    });
    expect(job).toMatchObject({ status: 3, stdout: "idies\nastropy\n", stderr: "oops\n" });
    expect(job.files).toMatchObject({ "stdout.txt": "idies\nastropy\n", "exit-status.txt": "3\n" });
  }, 300_000);

  it("is composed the same by docker buildx", async () => {
    const { code, err } = await build(world.modern, "--include", "science/r-statistics", "--engine", "docker");
    expect(code, err).toBe(0);
    expect(err).toContain("nothing was pushed");
    const reference = `${repo}/rel/r-statistics:1.0-${stampOf()}`;
    const { stdout } = await run(world.modern.client, ["image", "inspect", reference], {
      env: { ...process.env, ...engineEnvironment(world.modern) },
    });
    const [local] = JSON.parse(stdout) as [{ Config: { Env: string[]; Labels: Record<string, string>; User: string } }];
    const published = await image("rel/r-statistics:1.0");
    const same = (labels: Readonly<Record<string, string>>) =>
      Object.entries(labels)
        .filter(([key]) => /\.(version|inputs|layers|revision)$/.test(key))
        .sort();
    expect(same(local.Config.Labels).filter(([key]) => key.includes("compat"))).toEqual(
      same(labelsOf(published)).filter(([key]) => key.includes("compat")),
    );
    expect(local.Config.User).toBe(published.config.config?.User);
    expect([...local.Config.Env].sort()).toEqual([...(published.config.config?.Env ?? [])].sort());
  });

  it("leaves nothing behind in the repository", () => {
    expect(clone.git("status", "--porcelain", "--ignored")).toBe("");
    expect(readFileSync(join(clone.path, ".gitignore"), "utf8")).not.toBe("");
  });
});
