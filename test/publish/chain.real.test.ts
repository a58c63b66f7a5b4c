import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Catalogue } from "../../src/catalogue/model.ts";
import { readTests } from "../../src/catalogue/tests.ts";
import { composeBuilds, contextDirectories } from "../../src/compose/compose.ts";
import { resolveBases } from "../../src/engines/bases.ts";
import { readContexts } from "../../src/engines/context.ts";
import { createDockerEngine } from "../../src/engines/docker/docker.ts";
import { createLogs } from "../../src/engines/logs.ts";
import type { Environment } from "../../src/engines/processes.ts";
import { runBuilds } from "../../src/engines/run-builds.ts";
import type { Plan } from "../../src/plan/model.ts";
import { publishStable } from "../../src/publish/publish-stable.ts";
import { pushUnique } from "../../src/publish/push-unique.ts";
import { surveyTags } from "../../src/publish/survey.ts";
import { digestOf, tagPlace } from "../../src/publish/tags.ts";
import { readImage } from "../../src/registry/image.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { catalogue, compat, compatBuild, plan as makePlan, science, scienceBuild } from "../compose/world.ts";
import { task } from "../contracts/engine.ts";
import { onDisk } from "../support/on-disk.ts";
import { engineEnvironment, testWorld } from "../support/world.ts";

const world = testWorld();
const root = mkdtempSync(join(tmpdir(), "chain-"));
const registries = createRegistries({ environment: {} });
afterAll(async () => {
  await registries.close();
  rmSync(root, { recursive: true, force: true });
});

const user = { name: "idies", uid: 1000, gid: 1000, group: "idies", home: "/home/idies", shell: "/bin/sh" };
const files: Readonly<Record<string, string>> = {
  "science/low/data.txt": "science",
  "compat/common/start.sh": "low",
  "compat/common/both.txt": "low",
  "compat/jupyter/both.txt": "high",
};
for (const [path, content] of Object.entries(files)) {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  writeFileSync(join(root, path), content);
}
mkdirSync(join(root, "science/high"), { recursive: true });

const layers = catalogue(
  [
    science("low", `FROM ${world.base}\nCOPY data.txt /data.txt\nUSER 33\n`, { bases: [{ name: world.base }] }),
    science("high", "FROM sci/low:1.0\nENV HIGH=1\n", { bases: [{ name: "sci/low:1.0" }] }),
  ],
  [
    compat(
      "common",
      `FROM ${world.base} AS ui\nARG WORD=none\nRUN echo "ui $WORD" >/ui\nFROM science\nCOPY --from=ui /ui /ui\nCOPY . /stack/\n`,
      {
        bases: [{ name: world.base }],
        args: { WORD: "it's common" },
        user,
        directories: [{ path: "/home/idies/workspace", mode: 0o750 }],
      },
    ),
    compat(
      "jupyter",
      `FROM ${world.base} AS ui\nRUN echo jupyter >/ui\nFROM science\nARG WORD\nCOPY --from=ui /ui /ui-2\nUSER idies\n`,
      {
        bases: [{ name: world.base }],
        args: { WORD: "w" },
        test: readTests(['test "$(id -un)" = idies', "test -w /home/idies/workspace"]),
      },
    ),
  ],
);

const builders: Record<string, Environment> = {
  buildkit: {
    ...process.env,
    ...engineEnvironment(world.engine),
    PATH: `${dirname(world.engine.client)}:${process.env["PATH"]}`,
  },
  classic: {
    ...process.env,
    ...engineEnvironment(world.engine),
    PATH: `${dirname(world.engine.client)}:${process.env["PATH"]}`,
    DOCKER_BUILDKIT: "0",
  },
  buildx: {
    ...process.env,
    ...engineEnvironment(world.modern),
    PATH: `${dirname(world.modern.client)}:${process.env["PATH"]}`,
  },
};

describe.each(Object.entries(builders))("a chain of images built with %s", (name, environment) => {
  const repo = `${world.registry}/chain-${process.pid}-${name}`;
  const here: Catalogue = { ...layers, root, settings: { ...layers.settings, repo, home: repo } };
  const tags = (path: string): readonly [string, string] => [`${repo}/${path}:1.0-42-f90dbd6`, `${repo}/${path}:1.0`];
  const scienceBuilds = [
    scienceBuild("low", "1.0", { tags: tags("sci/low") }),
    scienceBuild("high", "1.0", { tags: tags("sci/high"), dependsOn: ["science/low"] }),
  ];
  const users = compatBuild("high", ["common", "jupyter"], { tags: tags("rel/high"), dependsOn: ["science/high"] });
  const engine = createDockerEngine(environment);

  async function publish(plan: Plan) {
    const directories = contextDirectories(plan, here);
    const contexts = await readContexts(root, directories, onDisk(root, directories));
    const builds = composeBuilds(plan, here, contexts);
    const survey = await surveyTags(builds, registries);
    const common = { registries, engineFor: () => engine };
    const missing = builds.filter(({ id }) => !survey.present.has(id));
    const bases = await resolveBases(missing, { ...common, repositories: [repo], mayUseLocal: false, task: task() });
    const results = await runBuilds(builds, {
      ...common,
      root,
      bases,
      jobs: 2,
      created: 1_700_000_000,
      noCache: false,
      network: "host",
      logs: createLogs(join(root, "logs", name)),
      signal: new AbortController().signal,
      present: survey.present,
      publish: pushUnique(registries, new Set(), survey),
    });
    const published = await publishStable(plan, results, survey, {
      registries,
      folder: join(root, "runs", name),
      signal: new AbortController().signal,
      run: `run-${plan.stamp}`,
      started: "2026-11-22T10:00:00Z",
      keepGoing: false,
    });
    return { results, published };
  }

  const imageOf = async (path: string) => {
    const { repository, target: tag } = tagPlace(registries, `${repo}/${path}:1.0`);
    const image = await readImage(repository, tag, { os: "linux", architecture: "amd64" });
    if (!image) throw new Error(`${path} is not published`);
    return { ...image, labels: image.config.config?.Labels ?? {}, env: image.config.config?.Env ?? [] };
  };

  it("is published under both tags, which are one digest, each image on the one just built", async () => {
    const { results, published } = await publish(makePlan(...scienceBuilds, users));
    expect(results.map(({ outcome, ...rest }) => ("problems" in rest ? rest.problems : outcome))).toEqual([
      "done",
      "done",
      "done",
    ]);
    expect(published.map(({ stable }) => stable)).toEqual([...scienceBuilds, users].map((each) => each.tags[1]));
    for (const { unique, stable } of published) {
      expect(await digestOf(tagPlace(registries, unique))).toBe(await digestOf(tagPlace(registries, stable ?? "")));
    }
    const [low, high, rel] = await Promise.all(["sci/low", "sci/high", "rel/high"].map(imageOf));
    expect(high?.labels["org.sciserver.science.high.base"]).toBe(`${tags("sci/low")[0]}@${low?.named.digest}`);
    expect(rel?.labels["org.sciserver.compat.base"]).toBe(`${tags("sci/high")[0]}@${high?.named.digest}`);
    const lower = high?.manifest.layers.map(({ digest }) => digest) ?? [];
    expect(rel?.manifest.layers.slice(0, lower.length).map(({ digest }) => digest)).toEqual(lower);
  });

  it("keeps the trail of its parents in its labels", async () => {
    const { labels, env } = await imageOf("rel/high");
    expect(labels).toMatchObject({
      "org.sciserver.compat.version": "high:1.0-42-f90dbd6",
      "org.sciserver.compat.layers": "common,jupyter",
      "org.sciserver.compat.buildtime": "1700000000.0",
      "org.sciserver.science.low.version": "1.0-42-f90dbd6",
      "org.sciserver.science.high.version": "1.0-42-f90dbd6",
      "org.opencontainers.image.base.name": tags("sci/high")[0],
    });
    expect(env).toContain("SCISERVER_IMAGE=high:1.0-42-f90dbd6");
  });

  it("holds the files of all layers, and the declared user also on a science image of another user", async () => {
    const log = task();
    const command =
      "cat /data.txt /ui /ui-2; ls /stack; cat /stack/both.txt; stat -c ' %U:%G %a' /home/idies/workspace";
    await engine.containers?.run(
      { image: tags("rel/high")[0], command: ["/bin/sh", "-c", command], network: "none" },
      log,
    );
    const said = log.text().split("\n").slice(1, -1);
    expect(said).toEqual(["scienceui it's common", "jupyter", "both.txt", "start.sh", "high idies:idies 750"]);
  });

  it("is not built again by the same commit", async () => {
    const { results, published } = await publish(makePlan(...scienceBuilds, users));
    expect(results.map(({ outcome }) => outcome)).toEqual(["present", "present", "present"]);
    expect(published.every(({ stable }) => stable !== undefined)).toBe(true);
  });

  it("gets a new interface on the published science image, pinned by its digest", async () => {
    const next = {
      ...makePlan({ ...users, dependsOn: [], tags: [`${repo}/rel/high:1.0-43-aaaaaaa`, users.tags[1]] }),
      stamp: "43-aaaaaaa",
    } as const;
    const { results } = await publish(next);
    expect(results.map(({ outcome }) => outcome)).toEqual(["done"]);
    const { labels } = await imageOf("rel/high");
    const digest = await digestOf(tagPlace(registries, `${repo}/sci/high:1.0`));
    expect(labels["org.sciserver.compat.base"]).toBe(`${repo}/sci/high:1.0@${digest}`);
  });
});
