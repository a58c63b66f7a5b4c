import { describe, expect, it } from "vitest";
import { error } from "../../src/diagnostics/diagnostic.ts";
import { FailedError } from "../../src/diagnostics/failure.ts";
import type { BuildResult } from "../../src/engines/run-model.ts";
import { resumeRuns } from "../../src/publish/resume.ts";
import { digestOf, removeTag, tagPlace } from "../../src/publish/tags.ts";
import type { Registries } from "../../src/registry/model.ts";
import { wrapRepositories } from "../../src/registry/wrap.ts";
import { repo } from "../compose/world.ts";
import { type MemoryRegistries, memoryRegistries } from "../support/memory-registry.ts";
import { planOf, planWithTags, published, putImage } from "./world.ts";

const two = planOf("a", "b");
const all = (word: string) => ({ "sci/a:1.0": word, "rel/a:1.0": word, "sci/b:1.0": word, "rel/b:1.0": word });

/** Does something, or throws, before each PUT of a tag. */
function watched(before: (tag: string, put: number) => void | Promise<void>): Registries & { inner: MemoryRegistries } {
  const inner = memoryRegistries();
  let puts = 0;
  return {
    inner,
    close: async () => undefined,
    ...wrapRepositories(inner, (repository) => ({
      ...repository,
      manifests: {
        ...repository.manifests,
        async put(target, mediaType, bytes) {
          if (/^(1\.0|1|latest)$/.test(target))
            await before(`${repository.path.replace("images/", "")}:${target}`, (puts += 1));
          return repository.manifests.put(target, mediaType, bytes);
        },
      },
    })),
  };
}

const stubborn = (inner: Registries): Registries => ({
  ...inner,
  ...wrapRepositories(inner, (repository) => ({
    ...repository,
    manifests: { ...repository.manifests, delete: async () => broken() },
  })),
});

/** Counts from the first move on: the images themselves are put before. */
function failingAt(
  move: number,
  action: () => never | void | Promise<void>,
): { registries: Registries; readonly arm: () => void } {
  let from = Number.POSITIVE_INFINITY;
  let seen = 0;
  const registries = watched(async () => {
    seen += 1;
    if (seen - from === move) await action();
  });
  return { registries, arm: () => (from = seen) };
}

const broken = (): never => {
  throw new FailedError([error("registry-unreachable", "the registry breaks off")]);
};

describe("publishing", () => {
  it("moves every stable tag to the image just built, and both tags are one digest", async () => {
    const world = await published(two);
    const images = await world.publish();
    expect(await world.state()).toEqual(all("new"));
    expect(images[0]).toEqual({
      id: "science/a",
      unique: `${repo}/sci/a:1.0-42-f90dbd6`,
      stable: `${repo}/sci/a:1.0`,
      digest: world.built.get("science/a"),
    });
    expect(await world.journals()).toMatchObject([
      { run: "run-1", state: "done", units: [{ image: "a:1.0" }, { image: "b:1.0" }] },
    ]);
  });

  it("makes tags that were not there", async () => {
    const world = await published(two, memoryRegistries(), false);
    await world.publish();
    expect(await world.state()).toEqual(all("new"));
  });

  it("never has a science tag moved without the users' tag of the image-version", async () => {
    const order: string[] = [];
    const world = await published(
      two,
      watched((tag) => void order.push(tag)),
    );
    order.length = 0;
    await world.publish();
    expect(order.indexOf("rel/a:1.0")).toBeLessThan(order.indexOf("sci/a:1.0"));
    expect(order.indexOf("rel/b:1.0")).toBeLessThan(order.indexOf("sci/b:1.0"));
  });

  it("moves nothing when a build failed", async () => {
    const world = await published(two);
    const results: BuildResult[] = [
      ...world.results.slice(0, 3),
      { id: "compat/b:1.0", outcome: "skipped", because: "x" },
    ];
    const images = await world.publish({}, results);
    expect(await world.state()).toEqual(all("old"));
    expect(images.map(({ id, stable }) => [id, stable])).toEqual([
      ["science/a", undefined],
      ["compat/a:1.0", undefined],
      ["science/b", undefined],
    ]);
    expect(await world.journals()).toEqual([]);
  });

  it("moves further tags with the stable one, and puts all of them back when one fails", async () => {
    const tagged = planWithTags(["latest", "1"], "a");
    const world = await published(tagged);
    expect(await world.state()).toMatchObject({ "rel/a:1.0": "old", "rel/a:latest": "old", "rel/a:1": "old" });
    await world.publish();
    expect(new Set(Object.values(await world.state()))).toEqual(new Set(["new"]));
    const { registries, arm } = failingAt(2, broken);
    const failing = await published(tagged, registries);
    arm();
    await failing.publish().catch(() => undefined);
    expect(new Set(Object.values(await failing.state()))).toEqual(new Set(["old"]));
  });

  it("moves no further tag that somebody else has moved meanwhile, and then none", async () => {
    const world = await published(planWithTags(["latest"], "a"));
    await putImage(world.registries, `${repo}/rel/a:latest`, { theirs: "1" });
    const failure = await world.publish().catch((each: unknown) => each);
    expect((failure as FailedError).diagnostics.map(({ code }) => code)).toEqual([
      "tag-moved-meanwhile",
      "tags-restored",
    ]);
    expect(await world.state()).toEqual({ "rel/a:latest": "other", "rel/a:1.0": "old", "sci/a:1.0": "old" });
  });

  it("that keeps going moves the image-versions that are whole", async () => {
    const world = await published(two);
    await world.publish({ keepGoing: true }, world.results.slice(0, 3));
    expect(await world.state()).toEqual({
      "sci/a:1.0": "new",
      "rel/a:1.0": "new",
      "sci/b:1.0": "old",
      "rel/b:1.0": "old",
    });
  });

  it.each([1, 2, 3, 4])("puts back what it had moved when move %i fails", async (move) => {
    const { registries, arm } = failingAt(move, broken);
    const world = await published(two, registries);
    arm();
    const failure = await world.publish().catch((each: unknown) => each);
    expect(failure).toBeInstanceOf(FailedError);
    expect((failure as FailedError).diagnostics.map(({ code }) => code)).toEqual([
      "registry-unreachable",
      "tags-restored",
    ]);
    expect(await world.state()).toEqual(all("old"));
    expect(await world.journals()).toMatchObject([{ state: "restored" }]);
  });

  it("takes tags away again that were not there", async () => {
    const { registries, arm } = failingAt(3, broken);
    const world = await published(two, registries, false);
    arm();
    await expect(world.publish()).rejects.toThrow("breaks off");
    expect(await world.state()).toEqual(all("none"));
  });

  it("stops for a tag that somebody else has moved, and leaves that alone", async () => {
    const world = await published(two);
    await putImage(world.registries, `${repo}/rel/b:1.0`, { theirs: "1" });
    await expect(world.publish()).rejects.toThrow("rel/b:1.0 was moved by somebody else");
    expect(await world.state()).toEqual({ ...all("old"), "rel/b:1.0": "other" });
  });

  it("puts back what it had moved when it is interrupted", async () => {
    const controller = new AbortController();
    const { registries, arm } = failingAt(2, () => controller.abort());
    const world = await published(two, registries);
    arm();
    const failure = (await world.publish({ signal: controller.signal }).catch((each: unknown) => each)) as FailedError;
    expect(failure.diagnostics.map(({ code }) => code)).toEqual(["interrupted", "tags-restored"]);
    expect(await world.state()).toEqual(all("old"));
  });

  it("says which tags could not be put back, and the next run finishes", async () => {
    let isDown = false;
    let puts = 0;
    const registries = watched(() => {
      puts += 1;
      if (isDown && puts > 2) broken();
    });
    const world = await published(two, registries);
    isDown = true;
    puts = 0;
    const failure = (await world.publish().catch((each: unknown) => each)) as FailedError;
    expect(failure.diagnostics.map(({ code }) => code)).toContain("tag-not-restored");
    expect(failure.diagnostics.at(-1)?.code).toBe("tags-half-moved");
    const between = await world.state();
    for (const image of ["a", "b"])
      expect([between[`sci/${image}:1.0`], between[`rel/${image}:1.0`]]).not.toEqual(["new", "old"]);
    isDown = false;
    const resumed = await resumeRuns({ ...world, signal: new AbortController().signal }, repo);
    expect(resumed).toEqual({ runs: ["run-1"], warnings: [] });
    expect(await world.state()).toEqual(all("new"));
    expect(await world.journals()).toMatchObject([{ state: "done" }]);
  });

  it("says that a tag stays where its registry deletes nothing", async () => {
    const { registries: inner, arm } = failingAt(4, broken);
    const registries = stubborn(inner);
    const world = await published(two, registries, false);
    arm();
    const failure = (await world.publish().catch((each: unknown) => each)) as FailedError;
    expect(JSON.stringify(failure.diagnostics.at(-1)?.notes)).toContain("does not delete tags");
    const state = await world.state();
    for (const image of ["a", "b"]) {
      expect(Object.keys(state)).toContain(`sci/${image}:1.0`);
      expect([state[`sci/${image}:1.0`], state[`rel/${image}:1.0`]]).not.toEqual(["new", "none"]);
    }
  });
});

describe("a registry that deletes nothing", () => {
  it("keeps a tag that was to be taken away as it was", async () => {
    const registries = stubborn(memoryRegistries());
    const image = await putImage(registries, `${repo}/rel/a:1.0`, { a: "1" });
    const place = tagPlace(registries, `${repo}/rel/a:1.0`);
    expect(await removeTag(place)).toBe(false);
    expect(await digestOf(place)).toBe(image);
  });

  it("does not get the users' tag put back where a new science tag has to stay", async () => {
    const { registries, arm } = failingAt(4, broken);
    const world = await published(planOf("a", "b"), stubborn(registries));
    for (const image of ["a", "b"]) {
      const { repository } = tagPlace(registries, `${repo}/sci/${image}:1.0`);
      await repository.manifests.delete("1.0");
      world.stable.delete(`science/${image}`);
    }
    arm();
    await world.publish().catch(() => undefined);
    const state = await world.state();
    for (const image of ["a", "b"])
      expect([state[`sci/${image}:1.0`], state[`rel/${image}:1.0`]]).not.toEqual(["new", "old"]);
  });
});

describe("a run that broke off", () => {
  it("is not gone on with for an image-version that somebody else has moved since", async () => {
    const world = await published(two);
    const units = [
      {
        image: "a:1.0",
        moves: [
          {
            reference: `${repo}/rel/a:1.0`,
            from: world.stable.get("compat/a:1.0")!,
            to: world.built.get("compat/a:1.0")!,
          },
        ],
      },
      {
        image: "b:1.0",
        moves: [
          {
            reference: `${repo}/rel/b:1.0`,
            from: world.stable.get("compat/b:1.0")!,
            to: world.built.get("compat/b:1.0")!,
          },
        ],
      },
    ];
    const { writeJournal } = await import("../../src/publish/journal.ts");
    await writeJournal(world.folder, {
      formatVersion: 1,
      run: "r",
      started: "x",
      repo,
      commit: "c",
      stamp: "s",
      state: "moving",
      units,
    });
    await putImage(world.registries, `${repo}/rel/b:1.0`, { theirs: "1" });
    const { warnings } = await resumeRuns({ ...world, signal: new AbortController().signal }, repo);
    expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining("b:1.0 is left as it is")]);
    expect(await world.state()).toMatchObject({ "rel/a:1.0": "new", "rel/b:1.0": "other" });
  });
});
