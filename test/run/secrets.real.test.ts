import { execFileSync, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, type Executable } from "../support/executable.ts";
import { compatFiles, type Repository, repository, scienceFiles } from "../support/repository.ts";
import { engineEnvironment, type TestEngine, testWorld } from "../support/world.ts";

const world = testWorld();
const folder = mkdtempSync(join(tmpdir(), "image-builder-secrets-"));
let executable: Executable;
beforeAll(() => {
  executable = compile();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Both layers prove that they have read their secret, and say it aloud; never in words that an engine remembers. */
const catalogue = (): Repository =>
  repository({
    ...scienceFiles("a", world.base, { secrets: ["token"] }),
    "science/a/Dockerfile": `FROM ${world.base}\nRUN --mount=type=secret,id=token cat /run/secrets/token && sha256sum < /run/secrets/token > /token.sum && sleep 1 && : ${randomBytes(6).toString("hex")}\n`,
    ...compatFiles("jupyter"),
    "compat/jupyter/sciserver-image.json": { secrets: ["licence"] },
    "compat/jupyter/Dockerfile": `RUN --mount=type=secret,id=licence,target=/licence,required=true cat /licence && sha256sum < /licence > /licence.sum && sleep 1 && : ${randomBytes(6).toString("hex")}\n`,
    "image-builder.json": { engine: "docker" },
  });

const sumOf = (text: string): string => execFileSync("sha256sum", { input: text, encoding: "utf8" });

const environmentOf = (engine: TestEngine, home: string) => ({
  ...engineEnvironment(engine),
  PATH: `${dirname(engine.client)}:${process.env["PATH"]}`,
  XDG_STATE_HOME: join(home, "state"),
  XDG_CACHE_HOME: join(home, "cache"),
  IMAGE_BUILDER_NETWORK: "none",
});

describe.each([
  ["Docker 20.10, whose client has BuildKit itself", world.engine],
  ["a newer Docker with buildx", world.modern],
] as const)("a build secret on %s", (_, engine: TestEngine) => {
  const environment = (home: string) => environmentOf(engine, home);

  it("is read by RUN, and is nowhere afterwards", async () => {
    const [token, licence] = [0, 1].map(() => `value-${randomBytes(12).toString("hex")}`) as [string, string];
    const home = mkdtempSync(join(folder, "home-"));
    const made = catalogue();
    writeFileSync(join(folder, "token, of mine"), token);
    const repo = `${world.registry}/secrets-${process.pid}-${engine === world.engine ? "old" : "new"}`;
    const given = [
      "--secret",
      `id=token,"src=${join(folder, "token, of mine")}"`,
      "--secret",
      "id=licence,env=LICENCE",
    ];
    const commands: string[] = [];
    const watching = setInterval(() => commands.push(execFileSync("ps", ["-eo", "args"], { encoding: "utf8" })), 200);
    const ended = await executable
      .run(
        [
          "--push",
          "--since",
          "all",
          "-vvv",
          "--repo",
          repo,
          "--results",
          join(home, "results"),
          "--junit",
          join(home, "junit.xml"),
          ...given,
        ],
        {
          directory: made.path,
          environment: { ...environment(home), LICENCE: licence },
        },
      )
      .finally(() => clearInterval(watching));
    expect(ended.code, ended.err).toBe(0);
    const plan = await executable.run(["plan", "--since", "all", "--format", "json"], {
      directory: made.path,
      environment: environment(home),
    });
    const image = unpacked(`${repo}/rel/a:1.0`);
    expect(readFileSync(join(image, "rootfs/token.sum"), "utf8")).toBe(sumOf(token));
    expect(readFileSync(join(image, "rootfs/licence.sum"), "utf8")).toBe(sumOf(licence));
    // What was looked through is what there is to be looked through.
    expect(commands.join("")).toMatch(/--secret id=token,"?src=/);
    expect(readdirSync(home).sort()).toEqual(expect.arrayContaining(["junit.xml", "results", "state"]));
    for (const value of [token, licence]) {
      const place = spawnSync(
        "grep",
        ["-rlF", value, home, image, join(made.path, ".git"), join(made.path, "science")],
        { encoding: "utf8" },
      );
      expect({ found: place.stdout, code: place.status }).toEqual({ found: "", code: 1 });
      for (const text of [ended.out, ended.err, plan.out, commands.join("\n")])
        expect(text.includes(value)).toBe(false);
    }
  });

  it("that is missing ends the run before anything is built", async () => {
    const home = mkdtempSync(join(folder, "home-"));
    const made = catalogue();
    const { code, err } = await executable.run(["--since", "all", "--secret", "id=licence,env=LICENCE"], {
      directory: made.path,
      environment: { ...environment(home), LICENCE: "something" },
    });
    expect({ code, err }).toEqual({
      code: 2,
      err: expect.stringContaining('science/a cannot be built without the secret "token"'),
    });
    expect(err).not.toContain("building");
  });
});

describe("Docker's classic builder", () => {
  it("says by name that it takes no secrets", async () => {
    const home = mkdtempSync(join(folder, "home-"));
    const { code, err } = await executable.run(
      ["--since", "all", "--secret", "id=licence,env=L", "--secret", "id=token,env=L"],
      {
        directory: catalogue().path,
        environment: { ...environmentOf(world.engine, home), DOCKER_BUILDKIT: "0", L: "something" },
      },
    );
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining("classic builder takes none") });
  });
});

/** Files and configuration of an image, and all that its manifest and history say, as files below a folder. */
function unpacked(reference: string): string {
  const place = mkdtempSync(join(folder, "image-"));
  execFileSync(world.tools.skopeo, [
    "copy",
    "--quiet",
    "--src-tls-verify=false",
    `docker://${reference}`,
    `oci:${place}/layout:image`,
  ]);
  execFileSync(world.tools.umoci, ["unpack", "--image", `${place}/layout:image`, place], { stdio: "ignore" });
  for (const blob of readdirSync(join(place, "layout/blobs/sha256")))
    spawnSync("sh", [
      "-c",
      'gzip -dc "$1" > "$2" 2>/dev/null',
      "sh",
      join(place, "layout/blobs/sha256", blob),
      join(place, `${blob}.plain`),
    ]);
  return place;
}
