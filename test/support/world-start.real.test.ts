import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testWorld } from "./world.ts";

const script = (name: string): string => join(import.meta.dirname, name);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "image-builder-world-"));
  mkdirSync(join(folder, "bin"));
  // As on a machine that has all packages and whose user may start engines.
  for (const [program] of neededPrograms()) put(program, "exit 0");
  put("id", "echo 0");
  put("fc-list", "echo DejaVu");
  put("apt-get", '[ "$1" != indextargets ] || echo http://archive.example.org/debian');
  put("apt-cache", "exit 0");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Pairs of program and package, from the script that installs them; those that the scripts themselves run stay as they are. */
const neededPrograms = (): [string, string][] =>
  [...readFileSync(script("setup/packages"), "utf8").matchAll(/(\S+)=(\S+)/g)].flatMap(([, program = "", name = ""]) =>
    /^[a-z-]+$/.test(program) && !["flock", "setsid", "jq", "curl", "git"].includes(program)
      ? [[program, name] as [string, string]]
      : [],
  );

function put(program: string, text: string): void {
  const file = join(folder, "bin", program);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
}

const cache = (): string => join(folder, "cache");

function run(file: string, args: readonly string[], path = `${folder}/bin:/usr/bin:/bin`) {
  const environment = { PATH: path, HOME: folder, IMAGE_BUILDER_TEST_CACHE: cache(), IMAGE_BUILDER_TEST_RUN: folder };
  const { status, stderr } = spawnSync("/bin/bash", [script(file), ...args], { encoding: "utf8", env: environment });
  return { status, said: stderr };
}

/** What a test is told that needs the world. */
function toldByTest(): string {
  const before = process.env["IMAGE_BUILDER_TEST_WORLD"];
  process.env["IMAGE_BUILDER_TEST_WORLD"] = join(cache(), "world/world.json");
  try {
    testWorld();
    return "";
  } catch (cause) {
    return (cause as Error).message;
  } finally {
    if (before === undefined) delete process.env["IMAGE_BUILDER_TEST_WORLD"];
    else process.env["IMAGE_BUILDER_TEST_WORLD"] = before;
  }
}

describe("a test world that does not start", () => {
  it("names the part that failed, its last words and what to do, last of all and to every test", () => {
    put("docker-registry", "echo panic: no space left >&2; exit 3");
    const { status, said } = run("../world", ["up"]);
    expect(status).toBe(1);
    const end = `the registry that stands in for Docker Hub did not start:
test world: the last lines of ${cache()}/world/mirror/log:
  | panic: no space left
test world: docker-registry does not start
test world: help: see the same with: docker-registry serve ${cache()}/world/mirror/config.yml; a broken package is mended by: apt-get install --reinstall docker-registry
`;
    expect(said.slice(-end.length)).toBe(end);
    expect(toldByTest()).toBe(
      `the test world is not up; run test/all, or start it with test/world up\nwhen it was last started, ${end.trimEnd()}`,
    );
  });

  it("says which packages are missing and how to install them, where that fails", () => {
    put(
      "apt-get",
      'case "$*" in *install*) echo E: Unable to locate package skopeo >&2; exit 100 ;; esac; echo http://x',
    );
    rmSync(join(folder, "bin/skopeo"));
    const { status, said } = run("../world", ["up"], onlyBasics());
    expect(status).toBe(1);
    expect(said).toContain("  | E: Unable to locate package skopeo\n");
    expect(said).toContain("test world: skopeo are missing, and cannot be installed\n");
    expect(said).toMatch(/help: run: apt-get update && apt-get install -y --no-install-recommends skopeo\n$/);
  });

  it("says so where only root could install them, and where there is no apt-get", () => {
    rmSync(join(folder, "bin/skopeo"));
    put("id", "echo 1000");
    expect(run("../world", ["up"], onlyBasics()).said).toMatch(
      /skopeo missing, and only root can install\ntest world: help: run as root: apt-get update && [^\n]* skopeo\n$/,
    );
    rmSync(join(folder, "bin/apt-get"));
    expect(run("../world", ["up"], onlyBasics()).said).toMatch(
      /there is no apt-get here, and these are missing: skopeo\ntest world: help: run the tests on a Debian machine[^\n]* skopeo\n$/,
    );
  });

  it("says what an engine said that ends at once, and that only root starts one", () => {
    put("dockerd", "echo failed to mount overlay: operation not permitted >&2; exit 1");
    const start = () => run("setup/engine", ["start", join(folder, "engine"), join(folder, "bin")]);
    expect(start().said).toMatch(
      /last lines of [^\n]+\/engine\/log:\n {2}\| failed to mount overlay: operation not permitted\ntest world: [^\n]+\/dockerd does not start\ntest world: help: a container needs --privileged/,
    );
    put("id", "echo 1000");
    expect(start().said).toContain("engines are started by root alone");
  });
});

/** A PATH with nothing but the programs of this folder and those that every machine has. */
function onlyBasics(): string {
  const basics = join(folder, "basics");
  mkdirSync(basics, { recursive: true });
  const known = new Set(neededPrograms().map(([program]) => program));
  for (const program of readdirSync("/usr/bin").filter((each) => essential.has(each) && !known.has(each)))
    writeFileSync(join(basics, program), `#!/bin/sh\nexec /usr/bin/${program} "$@"\n`, { mode: 0o755 });
  return `${join(folder, "bin")}:${basics}`;
}

const essential = new Set(
  "awk basename bash cat cksum curl cut date dirname flock git grep head jq ln mkdir mktemp mv rm sed setsid sh sha256sum sleep sort tail tee tr umount xargs".split(
    " ",
  ),
);
