import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { planDocument } from "../../src/cli/text/plan-document.ts";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { build } from "../../src/run/build.ts";
import type { BuildRequest } from "../../src/run/model.ts";
import { pinPlan } from "../../src/run/pin.ts";
import { plan } from "../../src/run/plan.ts";
import { publishPlan } from "../../src/run/publish.ts";
import { type Clone, dataLayer, dataLayers, type Operator, operator } from "./operator.ts";

/** Of everything, as a file has it. */
const savedOf = (clone: Clone, pin = false) =>
  clone.use(async (session) => {
    const made = await plan(session, { since: "all" });
    const document = planDocument(pin ? await pinPlan(session, made) : made.plan);
    return { name: "plan.json", text: JSON.stringify(document) };
  });
type Saved = Awaited<ReturnType<typeof savedOf>>;

const job = (clone: Clone, saved: Saved, request: BuildRequest) =>
  clone.use((session) => build(session, { push: true, saved, ...request }));
const publishAll = (clone: Clone, saved: Saved, request: { keepGoing?: boolean; results?: string } = {}) =>
  clone.use((session) => publishPlan(session, { saved, noVerdict: true, ...request }));

/** `b` stands on `a`; `c` on nothing. */
const catalogue = { ...dataLayers("a", "c"), ...dataLayer("b", "sci/a:1.0") };
const ids = ["science/a", "science/b", "science/c", "compat/a:1.0", "compat/b:1.0", "compat/c:1.0"];
const stable = (world: Operator) =>
  ["rel/a:1.0", "sci/a:1.0", "rel/b:1.0", "sci/b:1.0", "rel/c:1.0", "sci/c:1.0"].map(world.tag);

const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-cut-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

describe("a plan that is cut", { timeout: 300_000 }, () => {
  it("is built by one job for each build, in clones of their own, and published by one step", async () => {
    const world = await operator(catalogue);
    const saved = await savedOf(world);
    for (const id of ids) {
      const { published, plan: own } = await job(world.clone(), saved, { only: [id] });
      expect(own.builds.map((each) => each.id)).toEqual([id]);
      expect(published.map(({ id: made, stable: moved }) => ({ made, moved }))).toEqual([
        { made: id, moved: undefined },
      ]);
      expect(stable(world)).toEqual(ids.map(() => undefined));
    }
    const { published } = await publishAll(world.clone(), saved);
    expect(published.filter((each) => each.stable !== undefined)).toHaveLength(ids.length);
    expect(stable(world).every((each) => each !== undefined)).toBe(true);
    const before = stable(world);
    await publishAll(world.clone(), saved);
    await job(world.clone(), saved, { only: ["science/a"] });
    expect(stable(world)).toEqual(before);
    expect((await world.use((session) => plan(session, { since: "published" }))).plan.builds).toEqual([]);
  });

  it("refuses a job whose parent is not there yet, and one whose parent is of another definition", async () => {
    const world = await operator(catalogue);
    const saved = await savedOf(world);
    await expect(job(world, saved, { only: ["compat/b:1.0"] })).rejects.toMatchObject({
      name: "RefusedError",
      diagnostics: [{ code: "parent-not-there", message: expect.stringContaining("science/b") }],
    });
    const other = world.clone();
    const tag = JSON.parse(saved.text).builds[0].tags[0] as string;
    // What somebody else put under the very tag.
    other.made.commit({ "science/a/data": "other\n" });
    const { published } = await job(other, await savedOf(other), { only: ["science/a"] });
    const [path, stamp] = [tag.slice(tag.indexOf("/") + 1, tag.lastIndexOf(":")), tag.slice(tag.lastIndexOf(":") + 1)];
    const stored = world.registry.store.repositories.get(path);
    stored?.tags.set(stamp, published[0]?.digest as never);
    await expect(job(world, saved, { only: ["science/b"] })).rejects.toMatchObject({
      diagnostics: [{ code: "unique-tag-taken" }],
    });
  });

  it("is refused as a whole while builds are missing, and with --keep-going what is complete is published", async () => {
    const world = await operator(catalogue);
    const saved = await savedOf(world);
    const results = temporary();
    await job(world, saved, { only: ["science/c", "compat/c:1.0"], results });
    await expect(publishAll(world, saved, { results })).rejects.toBeInstanceOf(RefusedError);
    expect(stable(world).filter((each) => each !== undefined)).toEqual([]);
    const { results: told } = await publishAll(world, saved, { results, keepGoing: true });
    expect(told.filter(({ outcome }) => outcome === "failed").map(({ id }) => id)).toHaveLength(4);
    expect(stable(world).map((each) => each !== undefined)).toEqual([false, false, false, false, true, true]);
  });

  it("has shards of which each can be built without waiting for another, and which are all of it together", async () => {
    const world = await operator(catalogue);
    const saved = await savedOf(world);
    const made = await Promise.all([1, 2].map((number) => job(world.clone(), saved, { shard: { number, count: 2 } })));
    const all = new Set(made.flatMap(({ plan: { builds } }) => builds.map(({ id }) => id)));
    expect([...all].sort()).toEqual([...ids].sort());
    await publishAll(world, saved);
    expect(stable(world).every((each) => each !== undefined)).toBe(true);
  });

  it("leaves a file for each build with what became of it, which another plan does not take", async () => {
    const world = await operator(catalogue);
    const saved = await savedOf(world);
    const results = temporary();
    await job(world, saved, { only: ["science/a", "compat/a:1.0"], results });
    expect(readdirSync(results).sort()).toEqual(["compat_a_1.0.json", "science_a.json"]);
    expect(JSON.parse(readFileSync(join(results, "science_a.json"), "utf8"))).toMatchObject({
      id: "science/a",
      outcome: "done",
      digest: expect.stringMatching(/^sha256:/),
    });
    world.made.commit({ "science/a/data": "two\n" });
    const other = await savedOf(world);
    await expect(publishAll(world, other, { results })).rejects.toMatchObject({
      diagnostics: [{ code: "results-of-another-plan" }, { code: "results-of-another-plan" }],
    });
    writeFileSync(join(results, "science_a.json"), "{");
    await expect(publishAll(world, other, { results })).rejects.toMatchObject({
      diagnostics: [{ code: "bad-results" }],
    });
  });

  it("builds on what it is pinned to, whatever has moved since", async () => {
    const world = await operator(catalogue);
    await world.push({ since: "all" });
    const before = world.tag("sci/a:1.0");
    world.made.commit({ "science/b/data": "two\n" });
    const text = await world.use(async (session) =>
      JSON.stringify(planDocument(await pinPlan(session, await plan(session)))),
    );
    expect(JSON.parse(text).bases).toEqual([
      { name: "sci/a:1.0", reference: `${world.repo}/sci/a:1.0`, digest: before },
    ]);
    expect(JSON.parse(text).builds[0]).toMatchObject({ id: "science/b", seconds: expect.any(Number) });
    const path = world.repo.slice(world.repo.indexOf("/") + 1);
    const other = world.registry.store.repositories.get(`${path}/sci/c`)?.tags.get("1.0");
    // Somebody moves the parent's tag meanwhile.
    const parent = world.registry.store.repositories.get(`${path}/sci/a`);
    parent?.tags.set("1.0", other as never);
    await job(world, { name: "plan.json", text }, { only: ["science/b"] });
    const unique = JSON.parse(text).builds[0].tags[0] as string;
    const digest = world.tag(`sci/b:${unique.slice(unique.lastIndexOf(":") + 1)}`);
    const manifest = world.registry.store.manifest(`${path}/sci/b`, digest ?? "");
    const { config } = JSON.parse(String(manifest?.bytes)) as { config: { digest: string } };
    const blobs = world.registry.store.repositories.get(`${path}/sci/b`)?.blobs;
    expect(String(blobs?.get(config.digest as never))).toContain(`sci/a:1.0@${before}`);
  });

  it("is refused where its pins name another place, nothing that is read, or what is gone", async () => {
    const world = await operator(catalogue);
    await world.push({ since: "all" });
    world.made.commit({ "science/b/data": "two\n" });
    const made = await world.use(async (session) => planDocument(await pinPlan(session, await plan(session))));
    const pinnedTo = (bases: unknown) => ({ name: "plan.json", text: JSON.stringify({ ...made, bases }) });
    const [pin] = made.bases ?? [];
    const refused = (bases: unknown) => expect(job(world, pinnedTo(bases), { only: ["science/b"] })).rejects;
    await refused([{ ...pin, reference: "registry.test/evil/sci/a:1.0" }]).toMatchObject({
      diagnostics: [{ code: "bad-plan" }],
    });
    await refused([{ ...pin, digest: `sha256:${"0".repeat(64)}` }]).toMatchObject({
      diagnostics: [{ code: "pin-gone" }],
    });
    await refused([pin, { ...pin, name: "debian:12" }]).toMatchObject({ diagnostics: [{ code: "bad-plan" }] });
    await refused([]).toMatchObject({ diagnostics: [{ code: "bad-plan" }] });
  });
});
