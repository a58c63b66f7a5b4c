import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { compile, type Executable } from "../support/executable.ts";
import { type Repository, repositoryAt } from "../support/repository.ts";

let executable: Executable;
beforeAll(() => {
  executable = compile();
});

/** No engine answers. */
const environment = { DOCKER_HOST: "unix:///nowhere" };

function sharedFolders(): Repository {
  const path = mkdtempSync(join(tmpdir(), "image-builder-shared-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  cpSync(join(import.meta.dirname, "../../examples/shared-folders"), path, { recursive: true });
  const made = repositoryAt(path);
  made.commit({}, "start");
  return made;
}

const scienceIn = (out: string): string[] => [...out.matchAll(/science image (\w+)/g)].map(([, name = ""]) => name);

describe("examples/shared-folders", () => {
  it("has nothing to find fault with, and is made without an engine", async () => {
    const { path } = sharedFolders();
    const checked = await executable.run(["check"], { directory: path, environment });
    expect(checked).toMatchObject({ code: 0, out: "no problems in 2 science and 2 compat layers\n" });
    const built = await executable.run(["--since", "all", "--output", "oci:out"], { directory: path, environment });
    expect(built.code).toBe(0);
    expect(built.out.match(/^\S+@sha256:/gm)).toHaveLength(8);
  });

  it("plans what its README says", async () => {
    const made = sharedFolders();
    const run = async (...args: string[]) => (await executable.run(args, { directory: made.path, environment })).out;
    made.commit({ "shared/scripts/count.sh": "#!/bin/sh\nwc /data/*\n" });
    expect(scienceIn(await run("-vv", "--dryrun")).sort()).toEqual(expect.arrayContaining(["galaxies", "stars"]));
    expect(await run("why", "galaxies")).toContain(
      "science/galaxies is planned because shared/scripts/count.sh changed",
    );
    made.commit({ "shared/notes/note.txt": "Hello.\n" });
    expect(await run("-v", "--dryrun")).toMatch(/final plan includes 0 science builds and 2 compat builds\n$/);
  });
});
