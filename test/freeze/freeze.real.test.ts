import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, type Ended, type Executable } from "../support/executable.ts";
import { type Files, type Repository, repositoryAt } from "../support/repository.ts";
import { engineEnvironment, testWorld } from "../support/world.ts";

const world = testWorld();
const repo = `${world.registry}/freeze-${process.pid}`;

const science: Files = {
  "science/stars/Dockerfile": `FROM ${world.base}\nRUN apt-get update && apt-get install -y --no-install-recommends python3-numpy && rm -rf /var/lib/apt/lists/*\n`,
  "science/stars/sciserver-image.json": {
    image: "stars",
    version: "1.0",
    compat: "jup",
    test: ["python3 -c \"import numpy; assert numpy.__version__ == '1.24.2'\""],
  },
};

const numpy = '__version__ = "9.9.9"\n';

/** The first: a package where Python looks before Debian's. The second: a variable that leads to one. */
const interfaces: Record<string, Files> = {
  copied: {
    "compat/jup/Dockerfile": "# the interface\n\nCOPY pk /usr/local/lib/python3.11/dist-packages\n",
    "compat/jup/pk/numpy/__init__.py": numpy,
  },
  variable: {
    "compat/jup/Dockerfile": "COPY pk /opt/jup\n\nENV PYTHONPATH=/opt/jup\n",
    "compat/jup/pk/numpy/__init__.py": numpy,
  },
  harmless: {
    "compat/jup/Dockerfile": "COPY pk /opt/jup\nENV SHELL=/bin/bash\n",
    "compat/jup/pk/start": "x\n",
  },
  tested: {
    "compat/jup/Dockerfile":
      "RUN mkdir -p /opt/jup/numpy && echo '__version__ = \"9.9.9\"' >/opt/jup/numpy/__init__.py\nENV PYTHONPATH=/opt/jup\n",
  },
};

describe("an interface on a science image with numpy", () => {
  const cache = mkdtempSync(join(tmpdir(), "image-builder-freeze-"));
  let executable: Executable;
  let catalogue: Repository;

  const environment = {
    ...engineEnvironment(world.engine),
    PATH: `${join(world.engine.client, "..")}:${process.env["PATH"]}`,
    XDG_CACHE_HOME: cache,
  };
  const run = (...args: string[]): Promise<Ended> => executable.run(args, { directory: catalogue.path, environment });
  const tags = async (): Promise<string> => {
    const answer = await fetch(`http://${repo.replace("/", "/v2/")}/rel/stars/tags/list`);
    return answer.ok ? await answer.text() : "";
  };
  const commit = (name: string, settings: object, definition: object = {}): void => {
    catalogue.commit({
      ...interfaces[name],
      "compat/jup/sciserver-image.json": definition,
      "image-builder.json": { repo, network: "host", ...settings },
    });
  };

  beforeAll(async () => {
    executable = compile();
    mkdirSync(join(cache, "catalogue"));
    catalogue = repositoryAt(join(cache, "catalogue"), {
      ...science,
      ...interfaces["harmless"],
      "compat/jup/sciserver-image.json": {},
    });
    commit("harmless", { freeze: "enforce" });
    const { code, err } = await run("build", "--push", "--since", "all");
    expect(err).toContain("what resolves: same");
    expect(code).toBe(0);
  }, 600_000);

  afterAll(() => rmSync(cache, { recursive: true, force: true }));

  it.each([
    ["copied", "compat/jup/Dockerfile:3 (COPY)"],
    ["variable", "compat/jup/Dockerfile:1 (COPY)"],
  ])("is not published under enforce when it brings another numpy: %s", async (name, place) => {
    const before = await tags();
    commit(name, { freeze: "enforce" });
    const { code, err } = await run("build", "--push");
    expect(code).toBe(1);
    expect(err).toMatch(/`import numpy` in sh -c, .*was 1\.24\.2 \(science\/stars\), is 9\.9\.9 from/);
    expect(err).toContain(place);
    expect(err).toContain('"mayChange": { "python:numpy": "REASON" }');
    expect(await tags()).toBe(before);
  });

  it("is published under warn, and verify says what has changed", async () => {
    commit("copied", { freeze: "warn" });
    const built = await run("build", "--push");
    expect(built.code).toBe(0);
    expect(built.err).toContain('tests of the science image: not tested ("assemble" runs no containers)');
    const { code, out } = await run("verify", "stars:1.0");
    expect(code).toBe(1);
    expect(out).toMatch(/^changed .*rel\/stars:1\.0 {2}2 layers of science as they were/);
    expect(out).toContain("was 1.24.2 (science/stars), is 9.9.9 from compat/jup/Dockerfile:3 (COPY)");
    const document = JSON.parse((await run("verify", "stars:1.0", "--format", "json")).out);
    expect(document.images[0]).toMatchObject({
      verdict: "untouched",
      resolves: { verdict: "changed", accepted: false },
    });
    const { images } = JSON.parse((await run("images", "--format", "json")).out);
    expect(images[0].resolves).toBe("changed");
  });

  it("is published under enforce where its definition has a reason for it", async () => {
    commit("copied", { freeze: "enforce" }, { mayChange: { "python:numpy": "users asked for it" } });
    expect((await run("build", "--push")).code).toBe(0);
    const { code, out } = await run("verify", "stars:1.0", "-v");
    expect(out).toContain("(it may: users asked for it)");
    expect(code).toBe(0);
  });

  it("has to pass the tests of the science image where it changes something", async () => {
    commit("tested", { freeze: "warn", engine: "docker" });
    const { code, err } = await run("build", "--push");
    expect(code).toBe(1);
    expect(err).toContain("AssertionError");
    expect(err).toContain("science/stars/sciserver-image.json");
    commit("tested", { freeze: "warn", engine: "docker", tests: "off" });
    expect((await run("build", "--push")).code).toBe(0);
  });

  it("is examined by what is attached to the science image on a machine that knows nothing", async () => {
    commit("harmless", { freeze: "enforce" });
    rmSync(join(cache, "image-builder"), { recursive: true, force: true });
    const again = await run("build", "--push");
    expect(again.code).toBe(0);
    expect(again.err).toContain("what resolves: same");
  });
}, 600_000);
