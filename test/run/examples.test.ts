import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { build } from "../../src/run/build.ts";
import { check } from "../../src/run/check.ts";
import { plan } from "../../src/run/plan.ts";
import { openSession, withSession } from "../../src/run/session.ts";
import { type HttpRegistry, startHttpRegistry } from "../support/http-registry.ts";
import { type Repository, repositoryAt } from "../support/repository.ts";

/** An example as a repository, published to a registry of the test's own. */
async function example(name: string, settings: object = {}): Promise<{ made: Repository; registry: HttpRegistry }> {
  const path = mkdtempSync(join(tmpdir(), "image-builder-example-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  cpSync(join(import.meta.dirname, "../../examples", name), path, { recursive: true });
  const registry = await startHttpRegistry();
  onTestFinished(() => registry.stop());
  writeFileSync(join(path, "image-builder.json"), JSON.stringify({ repo: `${registry.host}/home`, ...settings }));
  const made = repositoryAt(path);
  made.commit({}, "start");
  return { made, registry };
}

const tagsOf = ({ store }: HttpRegistry, prefix: string): string[] =>
  [...store.repositories].flatMap(([path, { tags }]) =>
    path.startsWith(`${prefix}/`)
      ? [...tags.keys()]
          .filter((tag) => !/-\d+-[0-9a-f]{7,}$/.test(tag))
          .map((tag) => `${path.slice(prefix.length + 1)}:${tag}`)
      : [],
  );

const publish = (path: string) =>
  withSession({ root: path }, (session) => build(session, { push: true, since: "all" }));

/** Ids of what the last commit plans. */
const planned = ({ path }: Repository): Promise<string[]> =>
  withSession({ root: path }, async (session) => (await plan(session)).plan.builds.map(({ id }) => id));

describe("the examples of docs/migrating", () => {
  it.each(["bake", "conda", "versions", "script"])("%s have no problems, and a page", async (name) => {
    const { made } = await example(name);
    const session = openSession({ root: made.path });
    expect((await check(session)).diagnostics).toEqual([]);
    await session.close();
    const page = readFileSync(join(import.meta.dirname, `../../docs/migrating/${name}.md`), "utf8");
    expect(page).toContain(`../../examples/${name})`);
    expect(readFileSync(join(import.meta.dirname, "../../docs/migrating.md"), "utf8")).toContain(
      `migrating/${name}.md`,
    );
  });

  it("bake: variants and further tags, and an edge in place of target:", async () => {
    const { made, registry } = await example("bake");
    await publish(made.path);
    expect(tagsOf(registry, "home").sort()).toEqual([
      "rel/spectra-tools:1.0",
      "rel/spectra:2",
      "rel/spectra:2.1",
      "rel/spectra:2.1-high",
      "rel/spectra:high",
      "rel/spectra:latest",
      "sci/spectra-tools:1.0",
      "sci/spectra:2.1",
      "sci/spectra:2.1-high",
    ]);
    made.commit({ "science/spectra/high/vega.csv": "nanometre,flux\n" });
    expect((await planned(made)).filter((id) => id.startsWith("science/"))).toEqual([
      "science/spectra:2.1",
      "science/spectra-tools",
      "science/spectra:2.1-high",
    ]);
    const definition = readFileSync(join(made.path, "science/spectra/sciserver-image.json"), "utf8");
    made.commit({ "science/spectra/sciserver-image.json": definition.replace('["high"]', '["high", "fine"]') });
    expect(await planned(made)).toEqual(["science/spectra:2.1-high", "compat/spectra:2.1-high"]);
  });

  it("versions: a row that is added plans that image alone, and one that is gone holds publishing up", async () => {
    const { made, registry } = await example("versions");
    await publish(made.path);
    expect(tagsOf(registry, "home")).toContain("rel/ephemeris:latest");
    expect(tagsOf(registry, "home").filter((tag) => tag.startsWith("rel/calendar"))).toEqual([]);
    const file = "science/ephemeris/versions.json";
    const table = readFileSync(join(made.path, file), "utf8");
    made.commit({ [file]: table.replace("\n]", ',\n  { "version": "2026.1", "args": { "YEAR": "2026" } }\n]') });
    expect(await planned(made)).toEqual(["science/ephemeris:2026.1", "compat/ephemeris:2026.1"]);
    made.commit({ [file]: table.replace(/ {2}\{ "version": "2025".*\n/, "") });
    const push = withSession({ root: made.path }, (session) => build(session, { push: true }));
    await expect(push).rejects.toThrow("ephemeris 2025");
  });

  it("script: the order of FROM lines, layers added to an image-version, and a copy", async () => {
    const copy = await startHttpRegistry();
    onTestFinished(() => copy.stop());
    const { made, registry } = await example("script", { copies: [`${copy.host}/mirror`] });
    const { copies } = await publish(made.path);
    expect(copies?.[0]?.problems).toEqual([]);
    const stable = ["rel/survey:1.0", "rel/survey:1.1", "rel/survey:latest"];
    expect(
      tagsOf(registry, "home")
        .filter((tag) => tag.startsWith("rel/"))
        .sort(),
    ).toEqual(stable);
    expect(tagsOf(copy, "mirror").sort()).toEqual(tagsOf(registry, "home").sort());
    const digest = (of: HttpRegistry, path: string) => of.store.repositories.get(path)?.tags.get("1.1");
    expect(digest(copy, "mirror/rel/survey")).toBe(digest(registry, "home/rel/survey"));
  });

  it("shared: a change of a folder that layers share plans all of them", async () => {
    const { made, registry } = await example("shared");
    await publish(made.path);
    expect(
      tagsOf(registry, "home")
        .filter((tag) => tag.startsWith("rel/"))
        .sort(),
    ).toEqual(["rel/north:1.0", "rel/south:1.0"]);
    made.commit({ "shared/units/units.csv": "column,unit\ndec,radian\n" });
    expect((await planned(made)).filter((id) => id.startsWith("science/"))).toEqual(["science/north", "science/south"]);
  });

  it("conda: a change of the base plans every environment, and one of the interface none", async () => {
    const { made } = await example("conda");
    made.commit({ "science/conda-base/install-environment": "#!/bin/sh\n" });
    expect((await planned(made)).filter((id) => id.startsWith("science/"))).toEqual([
      "science/conda-base",
      "science/galaxies",
      "science/photometry",
    ]);
    made.commit({ "compat/desk/welcome.txt": "Hello.\n" });
    expect(await planned(made)).toEqual(["compat/galaxies:1.0", "compat/photometry:1.0"]);
  });
});
