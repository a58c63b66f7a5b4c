import { describe, expect, it } from "vitest";
import { loadCatalogue } from "../../src/catalogue/load.ts";
import { composeBuilds, contextDirectories } from "../../src/compose/compose.ts";
import { readContexts } from "../../src/engines/context.ts";
import { planAt } from "../support/plan-at.ts";
import { compatFiles, type Files, type Repository, repository, scienceFiles } from "../support/repository.ts";

/** An interface that copies from one of two science images. */
const files = (instructions: string): Files => ({
  ...compatFiles("common"),
  ...compatFiles("jupyter", ["common"]),
  "compat/common/Dockerfile": instructions,
  ...scienceFiles("base", "debian"),
  ...scienceFiles("kid", "debian"),
});

const copies = "COPY --from=sci/base:1.0 /x /x\n";

const edgesOf = async ({ path }: Repository) =>
  (await planAt({ root: path })).plan.builds.map(({ id, dependsOn }) => `${id} < ${dependsOn.join()}`);

describe("a science image that an interface copies from", () => {
  it.each([
    copies,
    "RUN --mount=from=sci/base:1.0,target=/m true\n",
    "ARG V=1.0\nCOPY --from=sci/base:$V /x /x\n",
    "FROM debian AS tools\nFROM science\nCOPY --from=tools /t /t\nCOPY --from=sci/base:1.0 /x /x\n",
  ])("is built before every image with that interface: %s", async (instructions) => {
    const world = repository(files(instructions));
    world.commit({ "science/base/Dockerfile": "FROM debian:12\n" });
    expect(await edgesOf(world)).toEqual([
      "science/base < ",
      "compat/base:1.0 < science/base",
      "compat/kid:1.0 < science/base",
    ]);
    const { plan } = await planAt({ root: world.path });
    expect(plan.builds[2]?.reasons).toEqual([{ kind: "parent-rebuilt", parent: "base" }]);
  });

  it("is waited for beside the science image below", async () => {
    const world = repository(files(copies));
    world.commit({ "science/base/Dockerfile": "FROM debian:12\n", "science/kid/Dockerfile": "FROM debian:12\n" });
    expect(await edgesOf(world)).toContain("compat/kid:1.0 < science/kid,science/base");
  });

  it("is the one just built, or the published one, and never Docker Hub's", async () => {
    const world = repository(files(copies));
    const composed = async (change: Files) => {
      world.commit(change);
      const { plan, catalogue, changes } = await planAt({ root: world.path });
      const contexts = await readContexts(world.path, contextDirectories(plan, catalogue), changes);
      const build = composeBuilds(plan, catalogue, contexts).find(({ id }) => id === "compat/kid:1.0");
      const { text = "", references = [] } = build?.dockerfile ?? {};
      return references.map(({ start, end, base }) => [
        text.slice(start, end),
        base.kind === "built" ? base.id : base.source,
      ]);
    };
    expect((await composed({ "science/base/Dockerfile": "FROM debian:12\n" }))[1]).toEqual([
      "sci/base:1.0",
      "science/base",
    ]);
    expect((await composed({ "science/kid/Dockerfile": "FROM debian:12\n" }))[1]).toEqual([
      "sci/base:1.0",
      { kind: "parent", target: "base", version: "1.0" },
    ]);
  });

  it.each([
    ["COPY --from=sci/nope:1.0 /x /x\n", "unknown-parent"],
    ["COPY --from=sci/base:9 /x /x\n", "unknown-parent"],
    ["COPY --from=rel/base:1.0 /x /x\n", "base-in-rel"],
    ["RUN --mount=from=rel/base:1.0,target=/m true\n", "base-in-rel"],
    ["COPY --from=0 /x /x\n", "no-such-stage"],
    ["FROM debian\nFROM science\nCOPY --from=1 /x /x\n", "stage-uses-itself"],
    ["FROM debian AS t\nCOPY --from=sci/base:1.0 /x /x\nFROM science\n", "payload-on-science"],
  ])("is refused where it is none, or cannot be followed: %s", (instructions, code) => {
    const { diagnostics } = loadCatalogue(repository(files(instructions)).path);
    expect(diagnostics.filter(({ severity }) => severity === "error").map((each) => each.code)).toEqual([code]);
  });

  it.each(["COPY --from=sci/base:1.0-1-abcdef0 /x /x\n", "COPY --from=busybox /x /x\n"])(
    "may be a fixed one or another's: %s",
    async (instructions) => {
      const world = repository(files(instructions));
      world.commit({ "science/base/Dockerfile": "FROM debian:12\n" });
      expect(await edgesOf(world)).toEqual(["science/base < ", "compat/base:1.0 < science/base"]);
    },
  );
});

describe("what is planned on an image that is not", () => {
  const chain: Files = {
    ...compatFiles("jupyter"),
    ...scienceFiles("p", "debian"),
    ...scienceFiles("c", "sci/p:1.0"),
    ...scienceFiles("d", "sci/c:1.0"),
  };

  const warned = async (change: Files, options: object): Promise<string[]> => {
    const world = repository(chain);
    world.commit(change);
    const { plan } = await planAt({ root: world.path, ...options });
    return plan.warnings.flatMap(({ code, message, help }) =>
      code === "unbuilt-parent" ? [`${message} | ${help}`] : [],
    );
  };
  const changed = { "science/p/Dockerfile": "FROM debian:12\n" };

  it("is warned of where that changed", async () => {
    expect(await warned(changed, { include: ["science/c"] })).toEqual([
      "science/c is built on sci/p:1.0 as it was published, although science/p changed in HEAD^..HEAD | --include science/p builds it too, and what depends on it",
    ]);
    expect(await warned(changed, { include: ["science/d"] })).toEqual([
      expect.stringContaining("science/d is built on sci/c:1.0 as it was published, although science/p changed"),
    ]);
    expect(await warned(changed, { include: ["compat/jupyter"] })).toHaveLength(3);
  });

  it("is warned of where --ignore leaves it out", async () => {
    const both = { ...changed, "science/c/Dockerfile": "FROM sci/p:1.0\nRUN c\n" };
    expect(await warned(both, { ignore: ["science/p"] })).toEqual([
      expect.stringContaining("leave --ignore science/p out"),
    ]);
  });

  it("is fine where that did not change, or is planned too", async () => {
    expect(await warned({ "science/c/x": "1" }, { include: ["science/c"] })).toEqual([]);
    expect(await warned(changed, { include: ["science/p"] })).toEqual([]);
    expect(await warned(changed, { include: ["science/p", "science/c"] })).toEqual([]);
  });
});
