import { describe, expect, it } from "vitest";
import { composeBuilds } from "../../src/compose/compose.ts";
import type { ImageBuild } from "../../src/compose/model.ts";
import { warning } from "../../src/diagnostics/diagnostic.ts";
import { createRecordEngine } from "../../src/engines/record/record.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import { publishProblems } from "../../src/publish/problems.ts";
import { pushUnique } from "../../src/publish/push-unique.ts";
import { surveyTags } from "../../src/publish/survey.ts";
import { catalogue, compat, contexts, repo, science } from "../compose/world.ts";
import { task } from "../contracts/engine.ts";
import { memoryRegistries } from "../support/memory-registry.ts";
import { planOf, putImage } from "./world.ts";

const world = catalogue([science("a", "FROM debian:1\n")], [compat("jupyter", "RUN x\n")]);
const builds = composeBuilds(planOf("a"), world, contexts(world));
const [scienceImage, compatImage] = builds as [ImageBuild, ImageBuild];
const unique = (kind: string): string => `${repo}/${kind}/a:1.0-42-f90dbd6`;

describe("what is published before a run", () => {
  it("is nothing at first", async () => {
    const { present, stable } = await surveyTags(builds, memoryRegistries());
    expect([present.size, stable.size]).toEqual([0, 0]);
  });

  it("with the same inputs needs no build", async () => {
    const registries = memoryRegistries();
    const digest = await putImage(registries, unique("sci"), scienceImage.labels);
    const old = await putImage(registries, `${repo}/sci/a:1.0`, { old: "1" });
    const { present, stable } = await surveyTags(builds, registries);
    expect(present.get("science/a")).toMatchObject({ reference: unique("sci"), manifest: digest });
    expect(present.has("compat/a:1.0")).toBe(false);
    expect(stable.get(`${repo}/sci/a:1.0`)).toBe(old);
  });

  it("is asked with two requests for each, of which one lists tags, where manifests name their builds", async () => {
    const registries = memoryRegistries();
    const { "org.opencontainers.image.revision": revision = "", ...labels } = compatImage.labels;
    const older = { ...labels, "org.opencontainers.image.revision": revision };
    await putImage(registries, `${repo}/rel/a:1.0`, {}, older);
    const { calls } = registries.registryFor(repo.split("/")[0] ?? "");
    calls.length = 0;
    const { standing, seen } = await surveyTags([compatImage], registries);
    expect(calls.map((each) => each.split(" ")[0])).toEqual(["listTags", "getManifest"]);
    expect(standing.get(`${repo}/rel/a:1.0`)?.image?.crumbs.compat?.tag).toBe("1.0-42-f90dbd6");
    expect(seen.get("compat/a:1.0")).toBeGreaterThan(0);
  });

  it.each([
    ["other inputs", { ...scienceImage.labels, "org.sciserver.science.a.inputs": sha256Digest("other") }],
    ["no word of its inputs", {}],
  ])("under a unique tag with %s is refused", async (_, labels) => {
    const registries = memoryRegistries();
    await putImage(registries, unique("sci"), labels);
    await expect(surveyTags(builds, registries)).rejects.toMatchObject({
      name: "RefusedError",
      diagnostics: [{ code: "unique-tag-taken", message: expect.stringContaining(unique("sci")) }],
    });
  });

  it("stands for a build that copied from a payload, which is published nowhere", async () => {
    const registries = memoryRegistries();
    await putImage(registries, unique("sci"), scienceImage.labels);
    await putImage(registries, unique("rel"), compatImage.labels);
    const payload: ImageBuild = { ...compatImage, id: "payload/ui", kind: "payload", dependsOn: [] };
    const copying = { ...compatImage, dependsOn: [...compatImage.dependsOn, payload.id] };
    const { present } = await surveyTags([scienceImage, payload, copying], registries);
    expect([...present.keys()]).toEqual(["science/a", "compat/a:1.0"]);
  });

  it("does not stand for a build whose parent is to be built anew", async () => {
    const registries = memoryRegistries();
    await putImage(registries, unique("rel"), compatImage.labels);
    await expect(surveyTags(builds, registries)).rejects.toThrow("published already with other content");
  });
});

describe("an image that is built", () => {
  const image = { id: "science/a", reference: unique("sci"), config: sha256Digest("c") };

  it("is pushed under its unique tag", async () => {
    const engine = createRecordEngine();
    const pushed = await pushUnique(memoryRegistries(), new Set(), { present: new Map(), seen: new Map() })(
      image,
      scienceImage,
      engine,
      task(),
    );
    expect(pushed.manifest).toMatch(/^sha256:/);
    expect(engine.commands).toEqual([["docker", "push", unique("sci")]]);
  });

  it("gives way to the same that somebody else has published meanwhile, and not to another", async () => {
    const registries = memoryRegistries();
    const engine = createRecordEngine();
    const digest = await putImage(registries, unique("sci"), scienceImage.labels);
    expect(
      (
        await pushUnique(registries, new Set(), { present: new Map(), seen: new Map() })(
          image,
          scienceImage,
          engine,
          task(),
        )
      ).manifest,
    ).toBe(digest);
    expect(engine.commands).toEqual([]);
    await putImage(registries, unique("sci"), {});
    await expect(
      pushUnique(registries, new Set(), { present: new Map(), seen: new Map() })(image, scienceImage, engine, task()),
    ).rejects.toThrow("published already");
  });
});

describe("an image that an engine makes alike each time", () => {
  const image = { id: "compat/a:1.0", reference: unique("rel"), config: sha256Digest("c") };
  const engine = { ...createRecordEngine(), repeats: true };

  it.each([
    ["is not looked for again a moment after it was", Date.now(), ["science/a"], false],
    ["is looked for again after a while", Date.now() - 120_000, ["science/a"], true],
    ["is looked for again where what it stands on was built in this run", Date.now(), [], true],
  ])("%s", async (_, at, there, isAsked) => {
    const registries = memoryRegistries();
    const present = new Map(there.map((id) => [id, image]));
    const seen = new Map([["compat/a:1.0", at]]);
    await pushUnique(registries, new Set(), { present, seen })(image, compatImage, engine, task());
    const { calls } = registries.registryFor(repo.split("/")[0] ?? "");
    expect(calls.length > 0).toBe(isAsked);
  });
});

describe("a plan", () => {
  it("with uncommitted changes is not published", () => {
    expect(publishProblems({ ...planOf("a"), dirty: true }, { allowOrphans: false }).map(({ code }) => code)).toEqual([
      "dirty-tree",
    ]);
    expect(publishProblems(planOf("a"), { allowOrphans: false })).toEqual([]);
  });

  it("that leaves an orphan is not published, unless that is allowed", () => {
    const orphaning = { ...planOf("a"), warnings: [warning("orphaned-image", "x"), warning("other", "y")] };
    expect(publishProblems(orphaning, { allowOrphans: false })).toMatchObject([
      { code: "orphaned-image", severity: "error" },
    ]);
    expect(publishProblems(orphaning, { allowOrphans: true })).toEqual([]);
  });
});
