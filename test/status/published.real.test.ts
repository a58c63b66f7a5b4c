import { describe, expect, it } from "vitest";
import { sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { withSession } from "../../src/run/session.ts";
import { type SurveyOptions, surveyPublished, surveyStatus } from "../../src/status/survey.ts";
import { planAt } from "../support/plan-at.ts";
import { scienceFiles } from "../support/repository.ts";
import type { PublishedWorld } from "./published-world.ts";
import { seed, worlds } from "./worlds.ts";

const { make } = worlds();

const everything = [
  "science/astro",
  "science/nist-basic",
  "science/nist-basic-2",
  "compat/astro:1.0",
  "compat/nist-basic:1.0",
  "compat/nist-basic:2.0",
];

async function planned(world: PublishedWorld) {
  const { plan, unread } = await planAt(world.options({ since: "published" }));
  return {
    ids: plan.builds.map(({ id }) => id),
    reasons: Object.fromEntries(plan.builds.map(({ id, reasons }) => [id, reasons])),
    notes: Object.fromEntries(plan.warnings.map(({ code, notes }) => [code, notes.map(({ message }) => message)])),
    unread: unread.map(({ message }) => message),
  };
}

const nothing = { ids: [], reasons: {}, notes: {}, unread: [] };

describe("--since published", () => {
  it("plans everything for an empty registry, and nothing once it is published", async () => {
    const { world } = make(seed);
    expect((await planned(world)).ids).toEqual(everything);
    expect(await world.publish({ since: "published" })).toEqual(everything);
    expect(await planned(world)).toEqual(nothing);
  });

  it("plans a child again that was skipped while its parent was published, and says on what it stands", async () => {
    const { repo, world } = make(seed);
    await world.publish({ since: "all" });
    repo.commit({ "science/nist-basic/Dockerfile": "FROM debian:bookworm-slim\nRUN make\n" });
    await world.publish({ failing: ["science/nist-basic-2"] });
    repo.commit({ "README.md": "nothing" });
    const { ids, reasons, notes } = await planned(world);
    expect(ids).toEqual(["science/nist-basic-2", "compat/nist-basic:2.0"]);
    expect(reasons["science/nist-basic-2"]).toMatchObject([{ kind: "not-published", state: "moved" }]);
    expect(notes["parent-moved"]).toEqual([
      expect.stringMatching(/^nist-basic-2 2\.0-1-\w+ was built on sci\/nist-basic/),
    ]);
  });

  it("plans what a killed run left behind, and tells what git takes for done", async () => {
    const { repo, world } = make(seed);
    await world.publish({ since: "all" });
    repo.commit({ "compat/common/Dockerfile": "ENV A=1\n" });
    expect(await world.publish({ killAfter: 1 })).toEqual(["compat/astro:1.0"]);
    repo.commit({ "README.md": "nothing" });
    const { ids, reasons, notes } = await planned(world);
    expect(ids).toEqual(["compat/astro:1.0", "compat/nist-basic:1.0", "compat/nist-basic:2.0"]);
    expect(reasons["compat/astro:1.0"]).toMatchObject([{ state: "different" }]);
    expect(notes["registry-lacks-build"]).toHaveLength(3);
  });

  it("judges images of the original tool by git, and keeps those whose directories are the same", async () => {
    const { repo, world } = make(seed);
    await world.publish({ since: "all", original: true });
    repo.commit({ "README.md": "nothing" });
    expect(await planned(world)).toEqual(nothing);
    repo.commit({ "science/nist-basic-2/Dockerfile": "FROM sci/nist-basic:1.0\nRUN make\n" });
    repo.commit({ "README.md": "again nothing" });
    expect((await planned(world)).ids).toEqual(["science/nist-basic-2", "compat/nist-basic:2.0"]);
    repo.commit({ "compat/common/startup.sh": "true\n" });
    expect((await planned(world)).ids).toEqual(["science/nist-basic-2", ...everything.slice(3)]);
  });

  it("sees on images of the original tool that a parent was built anew", async () => {
    const { repo, world } = make(seed);
    await world.publish({ since: "all", original: true });
    repo.commit({ "README.md": "nothing" });
    await world.publish({ include: ["science/nist-basic"], failing: ["science/nist-basic-2"], original: true });
    const { ids, notes } = await planned(world);
    expect(ids).toEqual(["science/nist-basic-2", "compat/nist-basic:2.0"]);
    expect(notes["parent-moved"]?.[0]).toMatch(/was built on sci\/nist-basic 1\.0-1-\w+, which is 1\.0-2-\w+ now$/);
  });

  it("plans what cannot be proven in a clone that lacks the published commit, and says so", async () => {
    const { repo, world } = make(seed);
    repo.commit({ "README.md": "soon forgotten" });
    await world.publish({ since: "all", original: true });
    repo.git("reset", "-q", "--hard", "HEAD^");
    repo.git("reflog", "expire", "--expire=now", "--all");
    repo.git("gc", "-q", "--prune=now");
    const { ids, reasons, notes } = await planned(world);
    expect(ids).toEqual(everything);
    expect(reasons["science/astro"]).toMatchObject([
      { state: "unproven", says: expect.stringContaining("this clone lacks commit") },
    ]);
    expect(notes["unknown-build"]).toHaveLength(6);
  });

  it("needs no commit of the clone for images that carry digests of their definitions", async () => {
    const { repo, world } = make(seed);
    repo.commit({ "README.md": "soon forgotten" });
    await world.publish({ since: "all" });
    repo.git("reset", "-q", "--hard", "HEAD^");
    repo.git("reflog", "expire", "--expire=now", "--all");
    repo.git("gc", "-q", "--prune=now");
    const { ids, notes } = await planned(world);
    expect(ids).toEqual([]);
    expect(notes["unknown-build"]).toHaveLength(6);
  });

  it("counts what is not committed", async () => {
    const { repo, world } = make(seed);
    await world.publish({ since: "all", original: true });
    repo.write({ "science/astro/Dockerfile": "FROM debian:bookworm-slim\nRUN make\n" });
    expect((await planned(world)).ids).toEqual(["science/astro", "compat/astro:1.0"]);
  });

  it("lists a stable tag that was moved by hand", async () => {
    const { repo, world } = make(seed);
    await world.publish({ since: "all" });
    const reference = `${world.repo}/rel/astro:1.0`;
    const labels = await world.labels(reference);
    await world.push(reference, { ...labels, "org.example.moved": "by hand" }, `${world.repo}/sci/astro:1.0`);
    repo.commit({ "README.md": "nothing" });
    const { ids, notes } = await planned(world);
    expect(ids).toEqual([]);
    expect(notes["tags-differ"]).toEqual([expect.stringContaining(`${reference} holds sha256:`)]);
    await world.push(reference, { maintainer: "somebody" });
    const foreign = await planned(world);
    expect(foreign.ids).toEqual(["compat/astro:1.0"]);
    expect(foreign.notes["unknown-build"]).toEqual([`${reference}: it carries no labels of a build`]);
  });

  it("sees that stable tags hold other image-versions, all of whose labels are in order", async () => {
    const { repo, world, cli } = make(seed);
    await world.publish({ since: "all" });
    await world.copyTag(`${world.repo}/rel/nist-basic:2.0`, `${world.repo}/rel/nist-basic:1.0`);
    await world.push(`${world.repo}/sci/nist-basic-2:2.0`, await world.labels(`${world.repo}/sci/astro:1.0`));
    repo.commit({ "README.md": "nothing" });
    const { ids, notes } = await planned(world);
    expect(ids).toEqual(["science/nist-basic-2", "compat/nist-basic:1.0", "compat/nist-basic:2.0"]);
    expect(notes["wrong-build"]).toEqual([
      `${world.repo}/sci/nist-basic-2:2.0 holds a build of astro 1.0`,
      `${world.repo}/rel/nist-basic:1.0 holds a build of nist-basic 2.0`,
    ]);
    expect((await cli("status")).out).toMatch(/nist-basic 1\.0 +science out of date, compat out of date/);
  });

  it("plans an interface again when the layer below it is final no more", async () => {
    const { repo, world, cli } = make(seed);
    const fix = scienceFiles("fix", "sci/nist-basic-2:2.0", { image: "nist-basic", version: "2.0" });
    repo.commit(fix);
    await world.publish({ since: "all" });
    repo.commit({ "science/fix": undefined });
    const { ids } = await planned(world);
    expect(ids).toEqual(["compat/nist-basic:2.0"]);
    expect((await cli("status")).out).toMatch(/nist-basic 2\.0 +science out of date/);
  });

  it.each([{ original: false }, { original: true }])(
    "keeps with --meaningful what a change cannot reach (original tool: $original)",
    async ({ original }) => {
      const { repo, world, cli } = make(seed);
      await world.publish({ since: "all", original });
      repo.commit({
        "science/nist-basic/Dockerfile": "# only words\nFROM debian:bookworm-slim\n",
        "science/astro/x": "1",
      });
      repo.commit({ "science/astro/Dockerfile": "FROM debian:bookworm-slim\nCOPY x /x\n" });
      const idsWith = async (...words: string[]) => {
        const { out } = await cli("plan", "--since", "published", "--format", "json", ...words);
        return (JSON.parse(out) as { builds: { id: string }[] }).builds.map(({ id }) => id);
      };
      expect(await idsWith()).toEqual(everything);
      expect(await idsWith("--meaningful")).toEqual(["science/astro", "compat/astro:1.0"]);
      expect((await cli("status", "--meaningful")).out).toMatch(/nist-basic 2\.0 +current/);
      expect((await cli("status")).out).toMatch(/nist-basic 2\.0 +science out of date/);
      repo.write({ "science/nist-basic/Dockerfile": "# only words\nFROM debian:bookworm-slim\nRUN make\n" });
      expect(await idsWith("--meaningful")).toEqual(everything);
    },
  );

  it("plans nothing for an image that cannot be read, and still answers for the others", async () => {
    const { world, cli } = make(seed);
    await world.publish({ since: "all", failing: ["compat/nist-basic:1.0"] });
    const path = world.repo.slice(world.repo.indexOf("/") + 1);
    const registry = world.registries.registryFor(world.repo.slice(0, world.repo.indexOf("/")));
    const [config, layer] = ["not JSON", "layer"].map((text) => Buffer.from(text));
    for (const bytes of [config, layer])
      await registry.repository(`${path}/rel/astro`).blobs.put(descriptor(bytes as Buffer), bytes as Buffer);
    const manifest = {
      schemaVersion: 2,
      mediaType: oci.manifest,
      config: { ...descriptor(config as Buffer), mediaType: oci.config },
      layers: [{ ...descriptor(layer as Buffer), mediaType: oci.layer }],
    };
    await registry
      .repository(`${path}/rel/astro`)
      .manifests.put("1.0", oci.manifest, Buffer.from(JSON.stringify(manifest)));
    const { ids, unread } = await planned(world);
    expect(ids).toEqual(["compat/nist-basic:1.0"]);
    expect(unread).toEqual([`${world.repo}/rel/astro:1.0 cannot be read: the image's config is not JSON`]);
    expect(await cli("plan", "--since", "published")).toMatchObject({
      code: 1,
      err: expect.stringContaining("cannot be read"),
    });
    expect(await cli("--push", "--since", "published")).toMatchObject({
      code: 1,
      err: expect.stringContaining("cannot be read"),
    });
    const status = await cli("status");
    expect(status.code).toBe(1);
    expect(status.err).toContain("rel/astro:1.0 cannot be read");
    expect(status.out).toMatch(/astro 1\.0 +unknown/);
    expect(status.out).toMatch(/nist-basic 2\.0 +current/);
  });

  it("takes four requests for an image-version and its layer, and status as many or fewer", async () => {
    const { world } = make(seed);
    await world.publish({ since: "all" });
    const { catalogue, changes } = await withSession(world.options(), (session) => session.read("published"));
    const count = async (survey: (options: SurveyOptions) => Promise<unknown>): Promise<number> => {
      let requests = 0;
      const registries = createRegistries({ onRequest: () => (requests += 1) });
      await survey({ catalogue, changes, registries });
      await registries.close();
      return requests;
    };
    expect(await count(surveyPublished)).toBe(3 * 4);
    expect(await count(surveyStatus)).toBe(3 * 3 + 2);
  });

  it("says once that a registry is down, and does not wait for it again and again", async () => {
    const { world } = make(seed);
    const away = { ...world.options({ since: "published" }), settings: { repo: "127.0.0.1:1/images" } };
    const { plan, unread } = await planAt(away);
    expect(plan.builds).toEqual([]);
    expect(unread.map(({ code }) => code)).toEqual(["registry-unreachable"]);
  });
});

const descriptor = (bytes: Buffer) => ({
  mediaType: "application/octet-stream",
  digest: sha256Digest(bytes),
  size: bytes.length,
});
