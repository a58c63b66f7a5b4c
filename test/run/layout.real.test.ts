import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { imagePlatform } from "../../src/oci/platform.ts";
import { type RemoteImage, readImage } from "../../src/registry/image.ts";
import { openLayout } from "../../src/registry/layout.ts";
import { compile, type Ended, type Executable } from "../support/executable.ts";
import { compatFiles, type Files, repository, scienceFiles } from "../support/repository.ts";
import { engineEnvironment, testWorld } from "../support/world.ts";

const world = testWorld();
/** Nobody listens there: whatever were pushed or looked for would fail. */
const repo = "127.0.0.1:1/nowhere";

let executable: Executable;
beforeAll(() => {
  executable = compile();
});

const catalogue: Files = {
  ...scienceFiles("plain", world.base),
  ...scienceFiles("ran", "sci/plain:1.0"),
  "science/ran/Dockerfile": "FROM sci/plain:1.0\nRUN echo made >/made\n",
  ...compatFiles("jupyter"),
  "compat/jupyter/hello": "hello\n",
  "compat/jupyter/Dockerfile": "COPY hello /opt/hello\nENV HELLO=yes\n",
};

function run(path: string, folder: string, ...args: string[]): Promise<Ended> {
  const { client, ...rest } = world.engine;
  const environment = { ...engineEnvironment({ client, ...rest }), PATH: `${dirname(client)}:${process.env["PATH"]}` };
  return executable.run(["--since", "all", "--repo", repo, "--network", "host", "--output", `oci:${folder}`, ...args], {
    directory: path,
    environment,
  });
}

async function imageIn(folder: string, name: string): Promise<RemoteImage> {
  const [path = "", tag = ""] = name.split(":");
  const found = await readImage((await openLayout(folder)).repository(`nowhere/${path}`), tag, imagePlatform);
  if (!found) throw new Error(`${name} is not in the layout`);
  return found;
}

const layersOf = ({ manifest }: RemoteImage): string[] => manifest.layers.map(({ digest }) => digest);

describe("an OCI layout", () => {
  it("takes images of every engine, children on the parents of the same run, and nothing is pushed", async () => {
    const { path } = repository(catalogue);
    const folder = mkdtempSync(join(tmpdir(), "image-builder-layout-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const { code, err } = await run(path, folder);
    expect(code, err).toBe(0);
    const [plain, ran, final] = await Promise.all(
      ["sci/plain:1.0", "sci/ran:1.0", "rel/ran:1.0"].map((name) => imageIn(folder, name)),
    );
    if (!plain || !ran || !final) throw new Error("unreachable");
    expect(layersOf(ran).slice(0, -1)).toEqual(layersOf(plain));
    expect(layersOf(final).slice(0, layersOf(ran).length)).toEqual(layersOf(ran));
    expect(final.config.config?.Env).toContain("HELLO=yes");
    expect(final.config.config?.Labels?.["org.sciserver.compat.base"]).toContain(`sci/ran:1.0-`);
    const bundle = join(folder, "bundle");
    execFileSync(world.tools.umoci, ["unpack", "--rootless", "--image", `${folder}:nowhere/rel/ran:1.0`, bundle], {
      stdio: "pipe",
    });
    expect([
      readFileSync(join(bundle, "rootfs/made"), "utf8"),
      readFileSync(join(bundle, "rootfs/opt/hello"), "utf8"),
    ]).toEqual(["made\n", "hello\n"]);
  });

  it("is not begun when the engine that was forced cannot make an image", async () => {
    const { path } = repository(catalogue);
    const folder = join(path, "layout");
    const { code, err } = await run(path, folder, "--engine", "assemble");
    expect(code).toBe(2);
    expect(err).toContain("science/ran/Dockerfile:2:1: error[needs-engine]");
    expect(
      existsSync(join(folder, "index.json")) && readFileSync(join(folder, "index.json"), "utf8").includes("nowhere"),
    ).toBe(false);
  });
});
