import { describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { commonOptions } from "../../src/cli/common-options.ts";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { pipelineSystems } from "../../src/pipeline/systems.ts";
import { type PipelineRequest, pipeline } from "../../src/run/pipeline.ts";
import { withSession } from "../../src/run/session.ts";
import { compatFiles, type Files, repository, scienceFiles } from "../support/repository.ts";

const settings = { "image-builder.json": { repo: "registry.example.org/images" } };
const layers = (count: number): Files =>
  Object.assign({}, ...Array.from({ length: count }, (_, at) => scienceFiles(`layer-${at}`, "debian:bookworm-slim")));

const written = (request: PipelineRequest, files: Files = layers(1)) =>
  withSession({ root: repository({ ...settings, ...compatFiles("jupyter"), ...files }).path }, (session) =>
    pipeline(session, request),
  );

const names = pipelineSystems.map(({ name }) => name);

describe.each(names)("the files for %s", (system) => {
  it("are short, and the same however large the catalogue is", async () => {
    const files = await written({ system });
    for (const { path, text } of files) expect(text.split("\n").length - 1, path).toBeLessThanOrEqual(80);
    expect(await written({ system }, layers(30))).toEqual(files);
  });

  it("say nothing to image-builder that it does not know", async () => {
    const said = (await written({ system })).flatMap(({ text }) => commandLines(text));
    expect(said.map(({ command }) => command)).toEqual(expect.arrayContaining(["plan", "build", "publish"]));
    for (const { command, options } of said)
      expect(knownOptions(command), command).toEqual(expect.arrayContaining(options));
  });

  it("plan and publish the branch and the interfaces of the catalogue", async () => {
    const text = (await written({ system, branch: "trunk" })).map((each) => each.text).join("");
    expect(text).toContain("trunk");
    expect(text).toContain("--refresh compat/jupyter");
    expect(text).toContain("registry.example.org");
    expect(text).not.toMatch(/undefined|\[object|\bNaN\b/);
  });

  it("start no more jobs than the system takes", async () => {
    const most = pipelineSystems.find(({ name }) => name === system)?.mostParts ?? 0;
    expect((await written({ system, parts: most })).map(({ text }) => text).join("")).toContain(`${most}`);
    await expect(written({ system, parts: most + 1 })).rejects.toBeInstanceOf(RefusedError);
    await expect(written({ system, parts: 0 })).rejects.toBeInstanceOf(RefusedError);
  });
});

/** The words behind `image-builder`, of every line that calls it. */
const commandLines = (text: string) =>
  [
    ...text.matchAll(
      /(?:image-builder|value:|run') "?(plan|build|publish|check)\b([^\n"'&|]*(?:"[^"\n]*"[^\n"'&|]*)*)/g,
    ),
  ].map(([, command = "", rest = ""]) => ({
    command,
    options: [...rest.matchAll(/ --([a-z-]+)/g)].map(([, name]) => name),
  }));

const knownOptions = (command: string): string[] => {
  const found = commands.find(({ name }) => name === command);
  return [...(found?.options ?? []), ...commonOptions(found?.formats ?? [])].map(({ name }) => name);
};

describe("a pipeline", () => {
  it("can be asked for on the command line, for each of the systems", () => {
    const { options = [] } = commands.find(({ name }) => name === "pipeline") ?? {};
    expect(options.find(({ name }) => name === "for")?.choices).toEqual(names);
  });

  it("follows the branch that the remote begins with", async () => {
    const origin = repository({ ...settings, ...layers(1), ...compatFiles("jupyter") });
    origin.git("branch", "-m", "trunk");
    const clone = repository({});
    clone.git("clone", "-q", origin.path, "inner");
    const [file] = await withSession({ root: `${clone.path}/inner` }, (session) =>
      pipeline(session, { system: "github" }),
    );
    expect(file?.text).toContain('branches: ["trunk"]');
  });

  it("calls the program that the catalogue brings, and else the one that is installed", async () => {
    for (const system of names) {
      const [installed] = await written({ system });
      const [brought] = await written({ system }, { ...layers(1), "image-builder": "#!/bin/sh\n" });
      expect(installed?.text).not.toContain("./image-builder");
      expect(brought?.text).toContain("./image-builder plan");
    }
  });

  it("is refused for a system that is not known, with those that are", async () => {
    await expect(written({ system: "cron" })).rejects.toMatchObject({
      diagnostics: [{ code: "unknown-pipeline", help: `write one of: ${names.join(", ")}` }],
    });
  });

  it("takes no branch that would be more than a name in its files", async () => {
    for (const branch of ["a b", "$(reboot)", "'; rm -rf /", "-x", "a\nb"])
      await expect(written({ system: "slurm", branch }), branch).rejects.toBeInstanceOf(RefusedError);
  });
});
