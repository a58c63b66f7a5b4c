import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { preparePlan } from "../../src/run.ts";
import { type RunningRegistry, startRegistry } from "../support/registry.ts";
import { compatFiles, type Files, repository, scienceFiles } from "../support/repository.ts";
import { PublishedWorld } from "./published-world.ts";

let server: RunningRegistry;
let worlds = 0;

beforeAll(async () => {
  server = await startRegistry();
});
afterAll(() => server.stop());

function published(files: Files) {
  const repo = repository(files);
  worlds += 1;
  const world = new PublishedWorld(repo.path, `${server.host}/world-${worlds}`);
  onTestFinished(() => world.close());
  return { repo, world };
}

const seed: Files = {
  ...scienceFiles("nist-basic", "debian:bookworm-slim"),
  ...scienceFiles("nist-basic-2", "sci/nist-basic:1.0", { image: "nist-basic", version: "2.0" }),
  ...scienceFiles("astro", "debian:bookworm-slim"),
  ...compatFiles("jupyter", ["common"]),
  ...compatFiles("common"),
};
const everything = [
  "science/astro",
  "science/nist-basic",
  "science/nist-basic-2",
  "compat/astro:1.0",
  "compat/nist-basic:1.0",
  "compat/nist-basic:2.0",
];

async function planned(world: PublishedWorld) {
  const { plan, unread } = await preparePlan(world.options({ since: "published" }));
  return {
    ids: plan.builds.map(({ id }) => id),
    reasons: Object.fromEntries(plan.builds.map(({ id, reasons }) => [id, reasons])),
    warnings: plan.warnings,
    codes: plan.warnings.map(({ code }) => code),
    unread,
  };
}

describe("--since published", () => {
  it("plans everything for an empty registry, and nothing once it is published", async () => {
    const { world } = published(seed);
    expect((await planned(world)).ids).toEqual(everything);
    expect(await world.publish({ since: "published" })).toEqual(everything);
    expect(await planned(world)).toEqual({ ids: [], reasons: {}, warnings: [], codes: [], unread: [] });
  });

  it("plans a build again that an earlier run skipped, though later commits did not touch it", async () => {
    const { repo, world } = published(seed);
    await world.publish({ since: "all" });
    repo.commit({ "science/nist-basic/Dockerfile": "FROM debian:bookworm-slim\nRUN make\n" });
    await world.publish({ failing: ["science/nist-basic-2"] });
    repo.commit({ "README.md": "nothing" });
    const { ids, reasons, warnings } = await planned(world);
    expect(ids).toEqual(["science/nist-basic-2", "compat/nist-basic:2.0"]);
    expect(reasons["science/nist-basic-2"]).toMatchObject([{ kind: "not-published", state: "moved" }]);
    expect(warnings.find(({ code }) => code === "parent-moved")?.notes[0]?.message).toContain(
      "was built on sci/nist-basic sha256:",
    );
  });
});
