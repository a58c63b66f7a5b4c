import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile } from "../support/executable.ts";
import { repositoryAt } from "../support/repository.ts";

const project = join(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "image-builder-library-"));
const catalogue = join(folder, "catalogue");

/** The package as an installation has it, and the script beside it. */
beforeAll(() => {
  const installed = join(folder, "node_modules/image-builder");
  cpSync(dirname(compile().main), join(installed, "dist"), { recursive: true });
  cpSync(join(project, "package.json"), join(installed, "package.json"));
  cpSync(join(project, "examples/library/publish.mjs"), join(folder, "publish.mjs"));
  cpSync(join(project, "examples/quickstart"), catalogue, { recursive: true });
  repositoryAt(catalogue).commit({}, "start");
});
afterAll(() => rmSync(folder, { recursive: true }));

/** No engine answers, and no registry is asked. */
const nowhere = { DOCKER_HOST: "unix:///nowhere", HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" };

function script(...words: readonly string[]) {
  const environment = { ...process.env, ...nowhere, XDG_STATE_HOME: join(folder, "state") };
  const options = { cwd: folder, encoding: "utf8", env: environment } as const;
  return spawnSync(process.execPath, ["publish.mjs", ...words], options);
}

describe("examples/library", () => {
  it("plans and publishes with the functions of the package", () => {
    const { status, stdout, stderr } = script("catalogue", "oci:out");
    expect(stderr).toContain("science/stars: planned, ");
    expect(stderr).toContain("compat/stars:1.0: done\n");
    const stable = ["sci/stars:1.0", "sci/stars-south:1.1", "rel/stars:1.0", "rel/stars:1.1"];
    const prefix = "containers.repo.sciserver.org/compute-images/";
    const lines = stdout.trim().split("\n");
    expect({ status, names: lines.map((line) => line.split("@")[0]?.slice(prefix.length)) }).toEqual({
      status: 0,
      names: stable,
    });
    const index = JSON.parse(readFileSync(join(folder, "out/index.json"), "utf8")) as {
      manifests: { digest: string }[];
    };
    expect(index.manifests.map(({ digest }) => digest)).toEqual(
      expect.arrayContaining(lines.map((line) => line.split("@")[1])),
    );
  });

  it("says what is wrong as the command line does", () => {
    const { status, stderr } = script("nowhere");
    expect({ status, stderr }).toEqual({ status: 2, stderr: expect.stringContaining("error[no-catalogue]") });
  });
});
