import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { compile, type Executable } from "../support/executable.ts";
import { type Repository, repositoryAt } from "../support/repository.ts";

let executable: Executable;
beforeAll(() => {
  executable = compile();
});

/** No engine answers, and no registry is asked. */
const withoutEngine = {
  DOCKER_HOST: "unix:///nowhere",
  HTTPS_PROXY: "http://127.0.0.1:9",
  HTTP_PROXY: "http://127.0.0.1:9",
};

function quickstart(): Repository {
  const path = mkdtempSync(join(tmpdir(), "image-builder-quickstart-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  cpSync(join(import.meta.dirname, "../../examples/quickstart"), path, { recursive: true });
  const made = repositoryAt(path);
  made.commit({}, "start");
  return made;
}

describe("examples/quickstart", () => {
  it("becomes an OCI image layout without an engine and without a registry", async () => {
    const made = quickstart();
    const { path } = made;
    const { code, out, err } = await executable.run(["--since", "all", "--output", "oci:out", "--root", path], {
      directory: path,
      environment: withoutEngine,
    });
    expect({ code, err }).toMatchObject({
      code: 0,
      err: expect.stringContaining("nothing was pushed: the images are in oci:out"),
    });
    const stable = ["sci/stars:1.0", "sci/stars-south:1.1", "rel/stars:1.0", "rel/stars:1.1"];
    const named = out
      .trim()
      .split("\n")
      .map((line) => line.replace(/@sha256:[0-9a-f]{64}$/, ""));
    const repo = "containers.repo.sciserver.org/compute-images";
    const stamp = `1-${made.git("rev-parse", "--short", "HEAD")}`;
    expect(named).toEqual(stable.flatMap((each) => [`${repo}/${each}-${stamp}`, `${repo}/${each}`]));
    const index = JSON.parse(readFileSync(join(path, "out/index.json"), "utf8")) as { manifests: { digest: string }[] };
    const digests = new Set(index.manifests.map(({ digest }) => digest));
    const printed = out.match(/sha256:[0-9a-f]{64}/g) ?? [];
    expect(printed.filter((each) => !digests.has(each))).toEqual([]);
  });

  it("plans two compat builds and no science build when the interface changes, as its README says", async () => {
    const made = quickstart();
    made.commit({ "compat/desk/welcome.txt": "Hello.\n" });
    const { out } = await executable.run(["-v", "--dryrun"], { directory: made.path, environment: withoutEngine });
    expect(out).toMatch(/final plan includes 0 science builds and 2 compat builds\n$/);
  });
});
