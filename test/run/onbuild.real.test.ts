import { dirname } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { createRegistries } from "../../src/registry/registries.ts";
import { build } from "../../src/run/build.ts";
import { withSession } from "../../src/run/session.ts";
import { type FlatImage, flatten } from "../engines/assemble/flatten.ts";
import { compatFiles, type Files, repository, scienceFiles } from "../support/repository.ts";
import { engineEnvironment, testWorld } from "../support/world.ts";

const world = testWorld();
const registries = createRegistries();
const registry = registries.registryFor(world.registry);
afterAll(() => registries.close());

const bare = { compat: false };

/** A family: images that are one FROM line and the files that the triggers of their base take, one with a stage that a trigger copies from. */
const family: Files = {
  ...scienceFiles("tool", world.base, bare),
  "science/tool/Dockerfile": "FROM scratch\nCOPY tool /bin/tool\n",
  "science/tool/tool": "tool\n",
  ...scienceFiles("base", world.base, bare),
  "science/base/Dockerfile": [
    "FROM scratch",
    "COPY own /",
    "ENV NAME=base PATH=/bin",
    "ONBUILD ARG WHO=nobody",
    "ONBUILD COPY env.txt files* /srv/",
    "ONBUILD COPY --from=sci/tool:1.0 /bin/tool /opt/",
    "ONBUILD COPY --from=builder --chown=7:8 /out/made /opt/",
    'ONBUILD LABEL "of.family"=${WHO}',
    "ONBUILD ENV NAME=$NAME-child WHO=$WHO",
    "ONBUILD WORKDIR /srv",
    "ONBUILD USER 1000",
    "",
  ].join("\n"),
  "science/base/own": "own\n",
  ...scienceFiles("one", "sci/base:1.0", { ...bare, args: { WHO: "one" } }),
  "science/one/Dockerfile": "FROM scratch AS builder\nCOPY made /out/\nFROM sci/base:1.0\n",
  "science/one/made": "one\n",
  "science/one/env.txt": "numpy\n",
  "science/one/files/x": "x\n",
  ...scienceFiles("two", "sci/base:1.0", bare),
  "science/two/Dockerfile": "FROM scratch AS builder\nCOPY . /out/\nFROM sci/base:1.0\nENV LATER=$NAME\n",
  "science/two/made": "two\n",
  "science/two/env.txt": "scipy\n",
  // Its base has carried its triggers out, and hands none on.
  ...scienceFiles("three", "sci/two:1.0", bare),
  ...compatFiles("jupyter"),
};

const environments = {
  buildx: { ...engineEnvironment(world.modern), PATH: `${dirname(world.modern.client)}:${process.env["PATH"]}` },
  classic: {
    ...engineEnvironment(world.engine),
    DOCKER_BUILDKIT: "0",
    PATH: `${dirname(world.engine.client)}:${process.env["PATH"]}`,
  },
  old: { ...engineEnvironment(world.engine), PATH: `${dirname(world.engine.client)}:${process.env["PATH"]}` },
};

const publish = async (files: Files, by: keyof typeof environments, name: string, engine?: string) => {
  const { path } = repository(files);
  const repo = `${world.registry}/onbuild-${process.pid}-${name}-${by}`;
  const settings = { repo, network: "host", ...(engine !== undefined && { engine }) };
  const environment = {
    ...process.env,
    ...environments[by],
    XDG_STATE_HOME: `${path}/.git/state`,
    XDG_CACHE_HOME: `${path}/.git/cache`,
    SOURCE_DATE_EPOCH: "1700000000",
  };
  const made = await withSession({ root: path, settings, environment }, (session) =>
    build(session, { since: "all", push: true }),
  );
  return { ...made, repo };
};

/** Without times, digests of other images and the name of the repository. */
async function shown(repo: string, image: string) {
  const { config, files }: FlatImage = await flatten(registry, `${repo}/${image}:1.0`);
  const { Env, Labels = {}, User = "", WorkingDir, OnBuild = [] } = config.config ?? {};
  const labels = Object.entries(Labels).filter(([key]) => !/\.(?:buildtime|base|digest|revision|version)$/.test(key));
  const own = Object.entries(files).filter(([path]) => /^(?:srv|opt)\//.test(path));
  return {
    env: Env,
    labels: labels.map(([key, value]) => [key, value.replaceAll(repo, "REPO")]),
    user: User,
    folder: WorkingDir || "/",
    triggers: OnBuild.map((each) => each.replaceAll(repo, "REPO").replace(/1\.0\S*@sha256:\w+/, "TAG")),
    files: own,
  };
}

describe("a family of images that are one FROM line", () => {
  it("is the same, whichever engine carries the triggers out", { timeout: 240_000 }, async () => {
    const assembled = await publish(family, "buildx", "assembled", "assemble");
    const names = ["base", "one", "two", "three"].map((each) => `sci/${each}`);
    const expected = await Promise.all(names.map((each) => shown(assembled.repo, each)));
    expect(expected[0]?.triggers).toHaveLength(8);
    expect(expected[0]?.triggers[2]).toBe("COPY --from=REPO/sci/tool:TAG /bin/tool /opt/");
    expect(expected[1]).toMatchObject({ user: "1000", folder: "/srv", triggers: [] });
    expect(expected[1]?.files.map(([path]) => path)).toEqual(["opt/made", "opt/tool", "srv/env.txt", "srv/x"]);
    expect(expected[1]?.labels).toContainEqual(["of.family", "one"]);
    for (const by of ["buildx", "classic"] as const) {
      const { repo } = await publish(family, by, "family", "docker");
      for (const [at, name] of names.entries())
        expect([by, name, await shown(repo, name)]).toEqual([by, name, expected[at]]);
    }
  });

  it("is refused before it is begun by a BuildKit that cannot carry COPY --from out there", async () => {
    const { results } = await publish(family, "old", "family", "docker");
    const told = results.flatMap((each) =>
      each.outcome === "failed" ? each.problems.map(({ message }) => message) : [],
    );
    expect(told).toEqual(
      ["one", "two"].map((each) =>
        expect.stringMatching(
          `^science/${each} copies from an image or a stage by ONBUILD of science/base, and docker 20.10`,
        ),
      ),
    );
  });

  it("may run what only an engine runs, and its interfaces carry none of it out", { timeout: 240_000 }, async () => {
    const files: Files = {
      ...scienceFiles("base", world.base),
      "science/base/Dockerfile": `FROM ${world.base}\nONBUILD COPY env.txt /env.txt\nONBUILD RUN cat /env.txt >/ran\n`,
      ...scienceFiles("one", "sci/base:1.0"),
      "science/one/env.txt": "numpy\n",
      ...compatFiles("jupyter"),
      "compat/jupyter/env.txt": "of the interface\n",
    };
    const { repo, plan } = await publish(files, "buildx", "interfaces");
    expect(plan.builds.map(({ id, engine }) => `${id} ${engine?.name}`)).toEqual([
      "science/base assemble",
      "science/one docker",
      "compat/base:1.0 assemble",
      "compat/one:1.0 assemble",
    ]);
    const [base, one] = await Promise.all(["base", "one"].map((each) => flatten(registry, `${repo}/rel/${each}:1.0`)));
    expect([base?.files["env.txt"], base?.files["ran"], base?.config.config?.OnBuild]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(one?.files["ran"]).toBeDefined();
    expect(one?.files["ran"]).toBe(one?.files["env.txt"]?.replace("env.txt", "ran"));
  });
});
