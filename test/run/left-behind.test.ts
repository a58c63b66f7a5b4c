import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { recordedWorld } from "../cli/command-line.ts";
import { type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";
import { compatFiles, type Repository, repository, scienceFiles } from "../support/repository.ts";
import { spelledIn, spellings } from "../support/spellings.ts";

const password = 'hun/ter"2 pa+ß&<7>';
const basic = Buffer.from(`alice:${password}`).toString("base64");

let folder: string;
let registry: HttpRegistry;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "left-behind-"));
  registry = await startHttpRegistry();
  mkdirSync(join(folder, "docker"));
  const auths = { [registry.host]: { auth: basic } };
  writeFileSync(join(folder, "docker/config.json"), JSON.stringify({ auths }));
});
afterEach(async () => {
  await registry.stop();
  rmSync(folder, { recursive: true });
});

function catalogue(instructions: string, remote: string): Repository {
  const made = repository({
    ...scienceFiles("nist-basic", "scratch"),
    "science/nist-basic/Dockerfile": `FROM scratch\n${instructions}\n`,
    "science/nist-basic/data": "data",
    ...compatFiles("jupyter"),
    "compat/jupyter/Dockerfile": "ENV PORT=8888\n",
  });
  made.git("remote", "add", "origin", remote);
  return made;
}

/** Runs a command line, and gives back its exit code and everything that it leaves: texts, files, and what the registry holds. */
async function leftBehind(made: Repository, line: string): Promise<{ code: number; left: string }> {
  const environment = {
    PATH: `${folder}/bin:${process.env["PATH"]}`,
    IMAGE_BUILDER_REPO: `${registry.host}/images`,
    DOCKER_CONFIG: join(folder, "docker"),
    XDG_STATE_HOME: join(folder, "state"),
    XDG_CACHE_HOME: join(folder, "cache"),
    HOME: folder,
  };
  const world = recordedWorld({ directory: made.path, environment });
  const code = await runCommandLine(line.split(" "), world);
  const files = ["state", "cache"].map((name) => join(folder, name)).concat(join(made.path, ".git/image-builder"));
  const held = [...registry.store.repositories.values()].flatMap(({ manifests, blobs }) => [
    ...[...manifests.values()].map(({ bytes }) => bytes),
    ...blobs.values(),
  ]);
  const left = [world.out(), world.err(), ...files.flatMap(textsIn), ...held.map((bytes) => bytes.toString("utf8"))];
  return { code, left: left.join("\n") };
}

function textsIn(path: string): string[] {
  if (!statSync(path, { throwIfNoEntry: false })) return [];
  if (!statSync(path).isDirectory()) return [readFileSync(path, "utf8")];
  return readdirSync(path).flatMap((name) => textsIn(join(path, name)));
}

/** The registry wants the login for what is written, and says all this when it gets it. */
function refuseWrites(words: (path: string) => string): void {
  registry.faults.push((request, response) => {
    if (request.method === "GET" || request.method === "HEAD") return false;
    request.resume();
    const sent = request.headers.authorization;
    if (sent === undefined) response.writeHead(401, { "www-authenticate": "Basic" }).end();
    else response.writeHead(403, { "content-type": "application/json" }).end(words(sent));
    return true;
  });
}

/** The others are in the tests of the client of registries. */
const someSpellings = [
  "plain",
  "JSON with escaped slashes",
  "JSON with every letter as \\u",
  "a form",
  "HTML",
  "base64 in a form",
];

/** One line or message for each spelling. */
const allSpellings = (): string[] => Object.values(spellings).map((spell) => spell(password));

describe("of a login", () => {
  it.each(someSpellings)("nothing is left behind when a registry repeats it as %s", async (name) => {
    const text = spellings[name]?.(password) ?? "";
    const message = (sent: string): string =>
      JSON.stringify({ code: "DENIED", message: `${sent} is ${text}`, detail: text });
    refuseWrites(
      (sent) => `{"errors":[${message(sent)},{"code":"X","message":"${name.startsWith("JSON") ? text : ""}"}]}`,
    );
    const made = catalogue("COPY data /data", "https://host/x.git");
    for (const line of ["--push --since all", "--push --since all --format json"]) {
      const { code, left } = await leftBehind(made, line);
      expect(code).toBe(1);
      expect(left).toMatch(/it says: (?:DENIED: |what is not shown)/);
      expect(spelledIn(left, password)).toEqual([]);
      expect(left).not.toContain(basic);
    }
  });

  it("nothing is left behind when the client of an engine repeats it", async () => {
    const docker = join(folder, "docker");
    writeFileSync(
      join(docker, "words"),
      [`you sent Basic ${basic}`, ...allSpellings()].map((each) => `it is ${each}\n`).join(""),
    );
    const made = catalogue("RUN true", "https://host/x.git");
    for (const failing of ["build", "push"]) {
      writeClient(failing, join(docker, "words"));
      const { code, left } = await leftBehind(made, "--push --since all --engine docker -vv");
      expect(code).toBe(1);
      expect(left).toContain("it is ***");
      expect(left).toContain("exit code 3");
      const known = ["base64 of JSON", "base64 twice"];
      expect(spelledIn(left, password).filter((name) => !known.includes(name))).toEqual([]);
      expect(left).not.toContain(basic);
    }
  });
});

/** A client that says these words in whatever it does, and fails in one of its commands. */
function writeClient(failing: string, words: string): void {
  const version = { Client: { Version: "20.10.0" }, Server: { Version: "20.10.0", ApiVersion: "1.41" } };
  const script = `#!/bin/sh
case "$1" in
version) echo '${JSON.stringify(version)}'; exit;;
buildx) exit 1;;
esac
cat '${words}'
[ "$1" = ${failing} ] && exit 3
for word; do [ "$last" = --iidfile ] && echo sha256:${"1".repeat(64)} >"$word"; last=$word; done
exit 0
`;
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "bin/docker"), script);
  chmodSync(join(folder, "bin/docker"), 0o755);
}

describe("of a remote's login", () => {
  it.each([
    ["https://user:p@ssw0rd@host.example/x.git", "https://host.example/x.git"],
    ["https://host.example/x.git?private_token=p@ssw0rd", undefined],
    ["https://host.example/x.git?private_token=ssw0rd", "https://host.example/x.git"],
    ["https://user:pa/ssw0rd@host.example/x.git", undefined],
    ["https://user:pa?ssw0rd@host.example/x.git", undefined],
    ["user@host.example:x.git", "host.example:x.git"],
  ])("nothing is left behind: %s", async (remote, shown) => {
    const made = catalogue("COPY data /data", remote);
    const { code, left } = await leftBehind(made, "--push --since all");
    expect(code).toBe(0);
    const source = /"org\.opencontainers\.image\.source":"([^"]*)"/.exec(left)?.[1];
    expect(source).toBe(shown);
    for (const command of ["plan --format json", "trail nist-basic:1.0", "verify --all"])
      expect((await leftBehind(made, command)).left).not.toMatch(/ssw0rd|user/);
  });
});
