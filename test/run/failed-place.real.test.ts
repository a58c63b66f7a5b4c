import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { composeBuilds } from "../../src/compose/compose.ts";
import { renderDockerfile } from "../../src/compose/render.ts";
import { listen } from "../../src/engines/blame.ts";
import { makePlan } from "../../src/plan/make-plan.ts";
import { readyBuild } from "../contracts/engine.ts";
import { compile, type Executable } from "../support/executable.ts";
import { changes } from "../support/literal.ts";
import { compatFiles, type Files, repository, scienceFiles } from "../support/repository.ts";
import { engineEnvironment, testWorld } from "../support/world.ts";

const world = testWorld();
let executable: Executable;
beforeAll(() => {
  executable = compile();
});

/**
 * `broken` fails itself, what is made of `sound` fails in its compat layer: behind another, a stage and a replaced argument.
 * The compat layer of `taken` declares a user whose name the base has.
 */
const catalogue: Files = {
  ...scienceFiles("broken", world.base),
  "science/broken/Dockerfile": `# why\nFROM ${world.base}\n\nENV A=1\n  RUN seq 20000 && \\\n    # why\n    false\n`,
  ...scienceFiles("sound", world.base),
  ...scienceFiles("taken", world.base, { compat: "mail" }),
  ...compatFiles("common"),
  "compat/common/Dockerfile": "ENV SAME=1\nRUN true\n",
  "compat/jupyter/sciserver-image.json": { includes: ["common"], args: { TOOL: "a longer text" } },
  "compat/jupyter/Dockerfile": `ARG BASE=${world.base}\nFROM \${BASE} AS tool\nRUN echo tool >/tool\nFROM science\nARG TOOL\nENV SAME=1\nCOPY --from=tool /tool /tool\nRUN true\n\nRUN test -f /nothing\nENV B=1\n`,
  "compat/mail/sciserver-image.json": '{\n  "user": { "name": "mail", "uid": 4000, "home": "/home/mail" }\n}\n',
  "compat/mail/Dockerfile": "ENV A=1\n",
};

const science =
  "science/broken/Dockerfile:5:3: error[engine-failed]: science/broken was not built\n  5 |   RUN seq 20000 && \\\n    |   ^^^^^^^^^^^^^^^^^^\n";
const compat =
  "compat/jupyter/Dockerfile:10:1: error[engine-failed]: compat/sound:1.0 was not built\n  10 | RUN test -f /nothing\n     | ^^^^^^^^^^^^^^^^^^^^\n";

const declared =
  'compat/mail/sciserver-image.json:2:3: error[engine-failed]: compat/taken:1.0 was not built\n  2 |   "user": {';

const engines: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "BuildKit of 20.10": { ...engineEnvironment(world.engine), PATH: dirname(world.engine.client) },
  "the classic builder": {
    ...engineEnvironment(world.engine),
    DOCKER_BUILDKIT: "0",
    PATH: dirname(world.engine.client),
  },
  buildx: { ...engineEnvironment(world.modern), PATH: dirname(world.modern.client) },
};

describe("an instruction that fails", () => {
  it.each(Object.entries(engines))("is named at its place in the catalogue with %s", async (_, { PATH, ...rest }) => {
    const { path } = repository(catalogue);
    const { code, err } = await executable.run(["--since", "all", "--engine", "docker", "--network", "host"], {
      directory: path,
      environment: { ...rest, PATH: `${PATH}:${process.env["PATH"]}` },
    });
    expect(code, err).toBe(1);
    expect(err).toContain(science);
    expect(err).toContain(compat);
    expect(err).toContain(declared);
  });

  it("has a place in what buildah says, too", () => {
    const { path } = repository(catalogue);
    const loaded = loadCatalogue(path);
    const plan = makePlan(loaded, changes([], { since: { kind: "all" } }));
    const contexts = Object.fromEntries([...loaded.science, ...loaded.compat].map((each) => [each.directory, []]));
    const build = composeBuilds(plan, loaded, contexts).find(({ id }) => id === "compat/sound:1.0");
    if (!build) throw new Error("unreachable");
    const pins = build.dockerfile.references.map(() => ({ reference: `docker.io/library/${world.base}`, name: "" }));
    const { text, origins } = renderDockerfile(build.dockerfile, pins, "run");
    const blamed = listen("buildah", readyBuild({ repo: "reg.test/x", root: "/" }, "x", text, { origins }));
    for (const line of buildah(text).split("\n")) blamed.hear(line);
    expect(blamed.place()).toEqual({
      at: { file: "compat/jupyter/Dockerfile", line: 10, column: 1 },
      excerpt: { text: "RUN test -f /nothing", length: 20 },
    });
  });
});

function buildah(dockerfile: string): string {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-buildah-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "context"));
  writeFileSync(join(folder, "Dockerfile"), dockerfile);
  const store = ["--root", join(folder, "root"), "--runroot", join(folder, "runroot"), "--storage-driver", "vfs"];
  const { stdout, stderr, status } = spawnSync(
    world.tools.buildah,
    [...store, "bud", "--isolation", "chroot", "--network", "host", "-f", `${folder}/Dockerfile`, `${folder}/context`],
    { encoding: "utf8", env: { ...process.env, CONTAINERS_REGISTRIES_CONF: world.registriesConf } },
  );
  expect(status, stderr).not.toBe(0);
  return `${stdout}\n${stderr}`;
}
