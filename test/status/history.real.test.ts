import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { type Files, scienceFiles } from "../support/repository.ts";
import { debian } from "./published-world.ts";
import { seed, type TestWorld, worlds } from "./worlds.ts";

const { make, server } = worlds();

const statesOf = async ({ json }: TestWorld): Promise<Record<string, string>> => {
  const { images } = (await json("status")) as { images: { image: string; version: string; states: string[] }[] };
  return Object.fromEntries(images.map(({ image, version, states }) => [`${image} ${version}`, states.join(" ")]));
};

const idsOf = async ({ json }: TestWorld, ...words: string[]): Promise<string[]> =>
  ((await json("plan", ...words)) as { builds: { id: string }[] }).builds.map(({ id }) => id);

const settings = ({ repo }: TestWorld): string => readFileSync(join(repo.path, "image-builder.json"), "utf8");

/** A layer of the same image-version on top, the first of the seed's three ways. */
const added: Files = scienceFiles("nist-basic-2-fix", "sci/nist-basic-2:2.0", { image: "nist-basic", version: "2.0" });

describe("a history of the seed's three ways of versioning", () => {
  it("is told image by image, from the first publication to the end of an adoption", async () => {
    const test = make(seed);
    const { repo, world, cli } = test;
    expect(await statesOf(test)).toEqual({
      "astro 1.0": "not-published",
      "nist-basic 1.0": "not-published",
      "nist-basic 2.0": "not-published",
    });
    await world.publish();

    repo.commit(added, "add a layer without changing the version");
    expect((await statesOf(test))["nist-basic 2.0"]).toBe("science-out-of-date");
    await world.publish();

    repo.commit(
      scienceFiles("nist-3", "sci/nist-basic-2-fix:2.0", { image: "nist-basic", version: "3.0" }),
      "add a version",
    );
    await world.publish();

    repo.commit({ "compat/common/Dockerfile": "ENV SECURE=1\n" }, "update the interface");
    expect(Object.values(await statesOf(test))).toEqual(Array(4).fill("compat-out-of-date"));
    await world.publish();
    expect(Object.values(await statesOf(test))).toEqual(Array(4).fill("current"));

    repo.commit({ "science/nist-basic/Dockerfile": "FROM debian:bookworm-slim\nRUN make\n" }, "change in place");
    expect(await statesOf(test)).toEqual({
      "astro 1.0": "current",
      "nist-basic 1.0": "science-out-of-date",
      "nist-basic 2.0": "science-out-of-date",
      "nist-basic 3.0": "science-out-of-date",
    });
    await world.publish();

    repo.commit(scienceFiles("astro", "debian:bookworm-slim", { version: "1.1" }), "change in place and the version");
    await world.publish();
    expect(await statesOf(test)).toMatchObject({ "astro 1.0": "orphaned", "astro 1.1": "current" });
    const survey = await cli("plan", "--since", "published");
    expect(survey.err).toContain(
      `warning[orphaned-image]: ${world.repo}/rel/astro:1.0 is published, but astro 1.0 has no definition`,
    );

    const adopted = await cli("adopt", "astro:1.0");
    expect(adopted).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^astro 1\.0 is adopted: interface jupyter on sci\/astro@sha256:/),
    });
    repo.commit({}, "adopt astro 1.0");
    expect((await statesOf(test))["astro 1.0"]).toBe("adopted");
    expect(await idsOf(test, "--since", "published")).toEqual([]);

    repo.commit({ "compat/jupyter/Dockerfile": "ENV JUPYTER=2\n" }, "update the interface again");
    const before = await world.labels(`${world.repo}/rel/astro:1.0`);
    expect((await statesOf(test))["astro 1.0"]).toBe("compat-out-of-date adopted");
    expect(await idsOf(test)).toContain("compat/astro:1.0");
    expect(await idsOf(test, "--since", "published")).toContain("compat/astro:1.0");
    await world.publish();
    const after = await world.labels(`${world.repo}/rel/astro:1.0`);
    expect(after["org.sciserver.science.astro.version"]).toBe(before["org.sciserver.science.astro.version"]);
    expect(after["org.sciserver.compat.version"]).toMatch(/^astro:1\.0-8-/);
    expect((await statesOf(test))["astro 1.0"]).toBe("adopted");

    repo.commit(
      scienceFiles("astro", "debian:bookworm-slim", { version: "1.1", retires: ["1.0"] }),
      "retire astro 1.0",
    );
    expect((await statesOf(test))["astro 1.0"]).toBe("retired");
    repo.commit({ "compat/jupyter/Dockerfile": "ENV JUPYTER=3\n" }, "once more");
    expect(await idsOf(test)).not.toContain("compat/astro:1.0");
    expect((await cli("plan", "--since", "published")).err).not.toContain("orphaned-image");
  });
});

describe("status", () => {
  it("shows a table, and has another exit code only when asked", async () => {
    const { repo, world, cli } = make(seed);
    await world.publish({ since: "all" });
    repo.commit({ "science/astro/Dockerfile": "FROM debian:bookworm-slim\nRUN make\n" });
    const { code, out, err } = await cli("status", "-v");
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out.split("\n")).toEqual([
      expect.stringMatching(/^IMAGE +STATE +BUILT \(UTC\) +COMMIT +DIGEST$/),
      expect.stringMatching(
        /^astro 1\.0 +science out of date +2023-11-14 \d\d:\d\d +[0-9a-f]{7} +sha256:[0-9a-f]{12}$/,
      ),
      expect.stringMatching(/^ {2}science\/astro is not as it was built in 1\.0-1-[0-9a-f]{7}$/),
      `  stable tag ${world.repo}/rel/astro:1.0`,
      expect.stringMatching(/^nist-basic 1\.0 +current /),
      `  stable tag ${world.repo}/rel/nist-basic:1.0`,
      expect.stringMatching(/^nist-basic 2\.0 +current /),
      `  stable tag ${world.repo}/rel/nist-basic:2.0`,
      "3 image-versions: 1 science out of date, 2 current",
      "",
    ]);
    expect((await cli("status", "--exit-code")).code).toBe(1);
    await world.publish();
    expect((await cli("status", "--exit-code")).code).toBe(0);
  });

  it("finds orphans that only the registry knows, and says of newer builds that no stable tag holds", async () => {
    const test = make(seed);
    const { repo, world, json } = test;
    await world.publish({ since: "all" });
    await world.copyTag(`${world.repo}/rel/astro:1.0`, `${world.repo}/rel/astro:0.9`);
    repo.commit({ "compat/common/Dockerfile": "ENV A=1\n" });
    await world.publish({ killAfter: 1 });
    expect((await statesOf(test))["astro 0.9"]).toBe("orphaned");
    const { images } = (await json("status")) as { images: { image: string; version: string; why: string[] }[] };
    expect(images.find(({ image, version }) => image === "astro" && version === "1.0")?.why).toContainEqual(
      expect.stringMatching(/^newer builds are there that the stable tag does not hold: 1\.0-2-[0-9a-f]{7}$/),
    );
  });

  it("has one line for an image with labels that are cut off, and exit code 1", async () => {
    const test = make(seed);
    const { world, cli } = test;
    await world.publish({ since: "all" });
    const reference = `${world.repo}/rel/astro:1.0`;
    await world.push(reference, { ...(await world.labels(reference)), "org.sciserver.compat.version": "astro:1.0-1" });
    const { code, err } = await cli("status");
    expect(code).toBe(1);
    expect(err).toContain(`error[broken-labels]: the labels of ${reference} are cut off or not those of a build`);
    expect(await statesOf(test)).toMatchObject({ "astro 1.0": "unknown", "nist-basic 1.0": "current" });
  });
});

describe("status --bases", () => {
  it("tells which bases of others have moved, and rebuilds nothing for it", async () => {
    const { host } = { host: server().host };
    const base = `${host}/others/debian:12`;
    const test = make({
      ...seed,
      ...scienceFiles("astro", base),
      ...scienceFiles("nist-basic", `${host}/others/gone:1`),
    });
    const { world, cli, json } = test;
    const first = await world.push(base, { release: "1" });
    await world.publish({ since: "all", externalBases: { astro: base } });
    expect((await json("status", "--bases")).bases).toContainEqual(
      expect.objectContaining({ target: "astro", base, built: first, now: first, state: "same" }),
    );
    const second = await world.push(base, { release: "2" });
    const { code, out } = await cli("status", "--bases");
    expect(code).toBe(0);
    expect((await cli("status", "--bases", "--exit-code")).code).toBe(1);
    expect(out).toContain("1 moved, 1 gone; nothing is rebuilt for it");
    expect((await json("status", "--bases")).bases).toContainEqual({
      target: "astro",
      directory: "science/astro",
      images: ["astro:1.0"],
      base,
      built: first,
      now: second,
      state: "moved",
    });
    expect(await idsOf(test, "--since", "published")).toEqual([]);
  });
});

describe("trail", () => {
  it("tells an image from base to interface, and what has changed since", async () => {
    const { repo, world, json, cli } = make(seed);
    await world.publish({ since: "all" });
    const commit = repo.commit({ "science/nist-basic/data.txt": "1", "README.md": "x" }, "give it data");
    repo.write({ "compat/common/Dockerfile": "ENV LATER=1\n" });
    const trail = await json("trail", "nist-basic:2.0");
    expect(trail).toMatchObject({
      reference: `${world.repo}/rel/nist-basic:2.0`,
      base: { reference: expect.stringContaining(`/debian:bookworm-slim@${debian}`) },
    });
    expect(trail.parts.map(({ kind, name }: { kind: string; name: string }) => `${kind} ${name}`)).toEqual([
      "science nist-basic",
      "science nist-basic-2",
      "compat nist-basic",
    ]);
    const [below, above, face] = trail.parts;
    expect(below).toMatchObject({
      today: "different",
      commit: { subject: "start" },
      commits: [{ hash: commit, subject: "give it data", files: ["science/nist-basic/data.txt"] }],
      changed: ["science/nist-basic/data.txt"],
    });
    expect(above).toMatchObject({ today: "current", commits: [], changed: [], size: expect.any(Number) });
    expect(face).toMatchObject({
      today: "different",
      changed: ["compat/common/Dockerfile"],
      layers: ["common", "jupyter"],
    });
    const { code, out } = await cli("trail", `${world.repo}/rel/nist-basic@${trail.digest}`);
    expect(code).toBe(0);
    expect(out).toMatch(/\nscience {2}nist-basic 1\.0-1-\w+, built 2023-11-14 \d\d:\d\d UTC/);
    expect(out).toMatch(/ {2}commit [0-9a-f]{7} \d{4}-\d\d-\d\d start\n/);
    expect(out).toMatch(
      / {4}since [0-9a-f]{7} \d{4}-\d\d-\d\d give it data\n {4}changed science\/nist-basic\/data.txt\n/,
    );
  });

  it("refuses a name that means nothing, and fails for an image that is not there", async () => {
    const { cli, world } = make(seed);
    await world.publish({ since: "all" });
    expect(await cli("trail", "astr")).toMatchObject({ code: 2, err: expect.stringContaining('did you mean "astro"') });
    expect(await cli("trail", "nist-basic")).toMatchObject({
      code: 2,
      err: expect.stringContaining("has several versions: nist-basic:1.0, nist-basic:2.0"),
    });
    expect(await cli("trail", "astro:7.0")).toMatchObject({
      code: 1,
      err: expect.stringContaining(`the registry has no ${world.repo}/rel/astro:7.0`),
    });
    expect((await cli("trail", "astro")).code).toBe(0);
    expect((await cli("trail", "sci/nist-basic-2:2.0")).out).not.toContain("interface");
  });
});

describe("adopt", () => {
  it("refuses what has a definition, is adopted, or is not published", async () => {
    const { repo, world, cli } = make(seed);
    await world.publish({ since: "all" });
    expect(await cli("adopt", "astro:1.0")).toMatchObject({
      code: 2,
      err: expect.stringContaining("has a definition"),
    });
    expect(await cli("adopt", "astro:0.1")).toMatchObject({
      code: 1,
      err: expect.stringContaining("the registry has no"),
    });
    expect(await cli("adopt", "astro")).toMatchObject({
      code: 2,
      err: expect.stringContaining("not-an-image-version"),
    });
    repo.commit(scienceFiles("astro", "debian:bookworm-slim", { version: "1.1" }));
    expect(await cli("adopt", "astro:1.0", "--compat", "jupiter")).toMatchObject({
      code: 2,
      err: expect.stringContaining('did you mean "jupyter"'),
    });
    expect((await cli("adopt", "astro:1.0")).code).toBe(0);
    expect(await cli("adopt", "astro:1.0")).toMatchObject({
      code: 2,
      err: expect.stringContaining("is adopted already"),
    });
    repo.write({ "image-builder.json": settings({ repo } as TestWorld).replace('"jupyter"', '"jupiter"') });
    expect(await cli("plan")).toMatchObject({ code: 2, err: expect.stringContaining("error[unknown-compat]") });
    expect((await cli("adopt", "--undo", "astro:1.0")).code).toBe(0);
    expect(JSON.parse(settings({ repo } as TestWorld))).toEqual({ adopted: [] });
  });

  it("finds the science image of an orphan of the original tool by its unique tag", async () => {
    const test = make(seed);
    const { repo, world, cli } = test;
    await world.publish({ since: "all", original: true });
    const science = await world.digest(`${world.repo}/sci/astro:1.0`);
    repo.commit({ "science/astro": undefined, "image-builder.json": '{\n  # settings\n  "jobs": 2 # two\n}\n' });
    expect((await cli("adopt", "astro:1.0")).code).toBe(0);
    expect(settings(test)).toContain('# settings\n  "jobs": 2, # two\n');
    expect(settings(test)).toContain(`"science": "${science}"`);
    repo.commit({ "compat/common/Dockerfile": "ENV A=1\n" });
    expect(await world.publish()).toEqual(["compat/astro:1.0", "compat/nist-basic:1.0", "compat/nist-basic:2.0"]);
    expect((await world.labels(`${world.repo}/rel/astro:1.0`))["org.sciserver.compat.base"]).toMatch(`@${science}`);
  });
});

describe("withdraw", () => {
  it("is told by images, status and trail, keeps the digest pullable, and proposes a rebuild", async () => {
    const test = make(seed);
    const { repo, world, cli, json } = test;
    await world.publish({ since: "all" });
    const reference = `${world.repo}/rel/astro:1.0`;
    const digest = await world.digest(reference);
    const done = await cli(
      "withdraw",
      "astro:1.0",
      "--reason",
      "wrong leap seconds",
      "--replacement",
      "nist-basic:2.0",
    );
    expect(done).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^astro:1\.0-1-[0-9a-f]{7} \(sha256:\w+\) is withdrawn: wrong leap seconds\n$/),
    });
    expect(done.err).toContain(
      `warning[withdrawn-in-use]: the stable tag ${reference} still points at the withdrawn build`,
    );
    repo.commit({}, "withdraw");
    expect((await statesOf(test))["astro 1.0"]).toBe("withdrawn");
    expect((await json("images")).images[0]).toMatchObject({
      image: "astro",
      digest,
      description: "Tools for astronomers",
      withdrawn: { reason: "wrong leap seconds", replacement: "nist-basic:2.0" },
    });
    expect((await cli("images")).out).toContain("  withdrawn: wrong leap seconds (use nist-basic:2.0)\n");
    expect((await cli("trail", "astro:1.0")).out).toContain("withdrawn: wrong leap seconds");
    expect(await idsOf(test)).toEqual(["compat/astro:1.0"]);
    expect(await idsOf(test, "--since", "published")).toEqual(["compat/astro:1.0"]);
    expect((await cli("plan", "-vv")).out).toContain("because what is published as astro:1.0-1-");
    await world.publish();
    expect((await statesOf(test))["astro 1.0"]).toBe("current");
    expect(await idsOf(test, "--since", "published")).toEqual([]);
    expect(await world.digest(`${world.repo}/rel/astro@${digest}`)).toBe(digest);
    expect((await cli("trail", `${world.repo}/rel/astro@${digest}`)).out).toContain("withdrawn: wrong leap seconds");
  });

  it("wants a reason and a build that is there, and can be taken back", async () => {
    const test = make(seed);
    const { world, cli } = test;
    await world.publish({ since: "all" });
    expect(await cli("withdraw", "astro:1.0")).toMatchObject({
      code: 2,
      err: expect.stringContaining("needs a reason"),
    });
    expect(await cli("withdraw", "astro:2.0", "--reason", "x")).toMatchObject({
      code: 1,
      err: expect.stringContaining("the registry has no"),
    });
    expect(await cli("withdraw", "--undo", "astro:1.0")).toMatchObject({
      code: 2,
      err: expect.stringContaining("is not withdrawn"),
    });
    expect((await cli("withdraw", "astro:1.0", "--reason", "x", "--replacement", "astro:9")).err).toContain(
      "no-replacement",
    );
    expect(await cli("withdraw", "astro:1.0", "--reason", "y")).toMatchObject({
      code: 2,
      err: expect.stringContaining("is withdrawn already: x"),
    });
    expect((await cli("withdraw", "--undo", "astro:1.0")).code).toBe(0);
    expect(JSON.parse(settings(test))).toEqual({ withdrawn: [] });
  });
});
