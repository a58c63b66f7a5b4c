import { describe, expect, it, onTestFinished } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { startHttpRegistry } from "../support/http-registry.ts";
import { compatFiles, repository, scienceFiles } from "../support/repository.ts";
import { recordedWorld } from "./command-line.ts";

async function catalogueOf(names: readonly string[]) {
  const registry = await startHttpRegistry();
  onTestFinished(() => registry.stop());
  const layers = names.map((name) => ({
    ...scienceFiles(name, "scratch"),
    [`science/${name}/Dockerfile`]: "FROM scratch\nCOPY data /\n",
    [`science/${name}/data`]: name,
  }));
  const made = repository(Object.assign({}, ...layers, compatFiles("jupyter", ["common"]), compatFiles("common")));
  const environment = { IMAGE_BUILDER_REPO: `${registry.host}/images`, XDG_STATE_HOME: `${made.path}/.git/state` };
  const run = async (line: string) => {
    const world = recordedWorld({ directory: made.path, environment });
    const code = await runCommandLine(line.split(" "), world);
    return { code, out: world.out(), err: world.err() };
  };
  return { registry, run, made };
}

describe("images", () => {
  it("says which interface each image has", async () => {
    const { run } = await catalogueOf(["basic"]);
    expect((await run("--push --since all -q")).code).toBe(0);
    const { out } = await run("images");
    expect(out).toMatch(/^IMAGE +REFERENCE +DIGEST +SINCE \(UTC\) +INTERFACE +DESCRIPTION\nbasic 1\.0 .+ jupyter\n$/);
    const { images } = JSON.parse((await run("images --format json")).out) as { images: object[] };
    expect(images).toMatchObject([{ image: "basic", compat: "jupyter" }]);
  });

  it("says that nothing is published only when the registry said so", async () => {
    const { registry, run } = await catalogueOf(["basic"]);
    expect(await run("images")).toEqual({ code: 0, out: "nothing is published\n", err: "" });
    registry.faults.push((_, response) => response.writeHead(403).end() !== undefined);
    const { code, out, err } = await run("images");
    expect({ code, out }).toEqual({ code: 1, out: "it is not known what is published\n" });
    expect(err).toContain("403");
    const document: unknown = JSON.parse((await run("images --format json")).out);
    expect(document).toMatchObject({ complete: false, images: [] });
  });

  it("says that there may be more when the registry told of some", async () => {
    const { registry, run } = await catalogueOf(["basic", "other"]);
    expect((await run("--push --since all -q")).code).toBe(0);
    registry.faults.push(
      (request, response) => request.url?.includes("rel/other") === true && response.writeHead(403).end() !== undefined,
    );
    const { code, out } = await run("images");
    expect(code).toBe(1);
    expect(out).toMatch(/^basic 1\.0 /m);
    expect(out.endsWith("there may be more: the registry did not tell of every image\n")).toBe(true);
  });

  it("passes by a tag that no image can have, and lists the rest", async () => {
    const { registry, run } = await catalogueOf(["basic"]);
    expect((await run("--push --since all -q")).code).toBe(0);
    const tags = ["1.0", "not a tag", "../../etc", "-x", "", "1.0\u001b[2J"];
    registry.faults.push((request, response) => {
      if (!request.url?.includes("/tags/list")) return false;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ name: "x", tags }));
      return true;
    });
    for (const verb of ["images", "status", "verify --all", "plan --since published"]) {
      const { code, out, err } = await run(verb);
      expect({ verb, code, err }).toMatchObject({ verb, code: 0 });
      expect(out).not.toContain("etc");
    }
  });
});
