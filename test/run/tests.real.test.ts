import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { compile, type Executable } from "../support/executable.ts";
import { compatFiles, type Files, repository } from "../support/repository.ts";
import { engineEnvironment, type TestEngine, testWorld } from "../support/world.ts";

const world = testWorld();
let executable: Executable;
beforeAll(() => {
  executable = compile();
});

const environmentOf = (engine: TestEngine, more: Record<string, string> = {}) => ({
  ...engineEnvironment(engine),
  PATH: `${dirname(engine.client)}:${process.env["PATH"]}`,
  ...more,
});

const engines = {
  "Docker 20.10": environmentOf(world.engine),
  "the classic builder": environmentOf(world.engine, { DOCKER_BUILDKIT: "0" }),
  "Docker 28": environmentOf(world.modern),
};

/** `files` of the directory are kept out of the image; the image has `/opt` with a mode of its own. */
const layer = (test: readonly unknown[]): Files => ({
  ...compatFiles("jupyter"),
  "science/p/Dockerfile": `FROM ${world.base}\nRUN mkdir -m 1777 /opt/results\nENTRYPOINT ["/bin/false"]\nUSER 1234\n`,
  "science/p/sciserver-image.json": { image: "p", version: "1.0", compat: "jupyter", test },
  "science/p/.dockerignore": "tests\n",
  "science/p/tests/run.sh": "#!/bin/sh\necho ran as $(id -u):$(id -g) with $*\n",
  "science/p/tests/data/a.txt": "one\n",
});

const build = (files: Files, environment: Record<string, string>, ...more: string[]) => {
  const { path, git } = repository(files);
  if (files["science/p/tests/run.sh"] !== undefined) {
    git("update-index", "--chmod=+x", "science/p/tests/run.sh");
    git("commit", "-q", "-m", "executable");
    execFileSync("chmod", ["+x", join(path, "science/p/tests/run.sh")]);
  }
  const line = ["--since", "all", "--engine", "docker", "--network", "host", "--junit", "out/report.xml", ...more];
  return executable
    .run(line, { directory: path, environment })
    .then((ran) => ({ ...ran, path, report: readFileSync(join(path, "out/report.xml"), "utf8") }));
};

const containers = (environment: Record<string, string>): string =>
  execFileSync("docker", ["ps", "--all", "--quiet", "--filter", "name=image-builder-test-"], {
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });

describe.each(Object.entries(engines))("tests with %s", (_, environment) => {
  it("get files of the directory, a user, a network and their own words for a program", async () => {
    const { code, err, report } = await build(
      layer([
        "test ! -e /tests && test $(id -u) = 1234",
        { run: ["/t/run.sh", "a b", "$HOME"], files: { "tests/": "/t" }, user: "7:8", name: "argv" },
        { run: "/t/run.sh >/opt/results/x && cat /opt/results/x", files: { "tests/run.sh": "/t/" } },
        { run: "test $(stat -c %a /opt/results) = 1777", files: { tests: "/opt/results" } },
        { run: "test $(cat /x/data/a.txt) = one && ! echo two >/x/data/a.txt", files: { tests: "/x" } },
        { run: "test $(ls /sys/class/net | wc -l) = 1" },
        { run: "test $(ls /sys/class/net | wc -l) -gt 1", network: true },
      ]),
      environment,
    );
    expect(code, err).toBe(0);
    expect(report).toContain('<testsuite name="science/p" tests="8" failures="0" errors="0" skipped="0"');
    expect(containers(environment)).toBe("");
  });

  it("that fail are all named, and what takes too long is stopped with its container", async () => {
    const { code, err, report } = await build(
      layer([
        { run: "echo \u001b[31m'<&>'; exit 7", name: "loud" },
        { run: "trap '' TERM; echo began; while :; do sleep 1; done", timeout: 2, files: { tests: "/t" } },
        { run: "trap '' TERM; while :; do sleep 1; done", timeout: "1s", name: "endless" },
        "true",
      ]),
      environment,
    );
    expect(code, err).toBe(1);
    expect(err).toContain('error[test-failed]: the test "loud" of science/p failed');
    expect(err).toContain('was stopped: it ran longer than 2 seconds, its "timeout"');
    expect(err).toContain('the test "endless" of science/p was stopped: it ran longer than 1 second');
    expect(err).toContain("science/p/sciserver-image.json:6:5");
    expect(report).toContain('<testsuite name="science/p" tests="5" failures="3" errors="0" skipped="0"');
    expect(report).toContain('<failure message="exit code 7" type="failure">\\x1b[31m&lt;&amp;&gt;\n</failure>');
    expect(report).toContain("began");
    expect(report).toContain('<skipped message="science/p was not built"/>');
    expect(containers(environment)).toBe("");
  });
});

describe("a report", () => {
  it("has a build that failed as an error", async () => {
    const files = { ...layer([]), "science/p/Dockerfile": `FROM ${world.base}\nRUN echo out && false\n` };
    const { code, report } = await build(files, engines["Docker 20.10"]);
    expect(code).toBe(1);
    expect(report).toContain('tests="1" failures="0" errors="1"');
    expect(report).toContain('<error message="science/p was not built" type="error">science/p/Dockerfile:2:1');
  });

  it("is written when nothing could be planned", async () => {
    const files = layer([{ run: "a", files: { nothing: "/n" } }]);
    const { code, report } = await build(files, engines["Docker 20.10"]);
    expect(code).toBe(2);
    expect(report).toContain('<error message="science/p/nothing, which a test wants, is not there" type="error">');
  });
});
