import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { everything, withSession } from "../../src/run/session.ts";
import { todaysInputs } from "../../src/status/inputs.ts";
import { repository, seedExample } from "../support/repository.ts";

/** A clone with settings of its own. */
function cloneOf(path: string, ...settings: string[]): string {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-clone-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const clone = join(folder, "c");
  execFileSync("git", ["clone", "-q", ...settings.flatMap((each) => ["-c", each]), path, clone]);
  return clone;
}

const read = (root: string) => withSession({ root }, (session) => session.read(everything));

describe("a catalogue and what git says of it", () => {
  it("have the inputs of every other clone where checkout filters are at work", async () => {
    const { path } = repository({
      ...seedExample,
      "science/nist-basic/data": "one\ntwo\n",
      "image-builder.json": "{}\n",
    });
    const inputs = await Promise.all(
      [path, cloneOf(path, "core.autocrlf=true")].map(async (root) => {
        const { catalogue, changes } = await read(root);
        expect(changes.head.dirty).toBe(false);
        return todaysInputs(catalogue, changes);
      }),
    );
    expect(inputs[1]).toEqual(inputs[0]);
  });

  it("are refused for what was not checked out before what follows from it", async () => {
    const { path, git } = repository(seedExample);
    git("sparse-checkout", "set", "--no-cone", "/science/");
    await expect(read(path)).rejects.toMatchObject({
      diagnostics: [{ code: "sparse-checkout" }, { code: "unknown-compat" }, { code: "unknown-compat" }],
    });
  });

  it("are of the layers of a submodule too", async () => {
    const { "science/nist-basic/Dockerfile": dockerfile, "science/nist-basic/sciserver-image.json": definition } =
      seedExample;
    const inner = repository({ Dockerfile: dockerfile, "sciserver-image.json": definition });
    const world = repository({ ...seedExample, "science/nist-basic": undefined });
    world.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.path, "science/nist-basic");
    world.commit({});
    expect((await read(world.path)).changes.head.dirty).toBe(false);
    world.write({ "science/nist-basic/.dockerignore": "x\n" });
    expect((await read(world.path)).changes.head.dirty).toBe(true);
  });
});
