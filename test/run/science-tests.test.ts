import { describe, expect, it } from "vitest";
import { planText } from "../../src/cli/text/plan.ts";
import { plan } from "../../src/run/plan.ts";
import { withSession } from "../../src/run/session.ts";
import { compatFiles, type Files, repository, scienceFiles } from "../support/repository.ts";

const world = (settings: object, more: Files = {}): Files => ({
  ...scienceFiles("stars", "debian:bookworm-slim", { test: ["true", { run: "ls /t", files: { t: "/t" } }] }),
  "science/stars/t/a": "x\n",
  ...compatFiles("jupyter"),
  ...more,
  "image-builder.json": { repo: "registry.example.org/images", ...settings },
});

const planned = (files: Files) =>
  withSession({ directory: repository(files).path }, async (session) => {
    const made = await plan(session, { since: "all", engines: { push: true, named: true } });
    const build = made.plan.builds.find(({ kind }) => kind === "compat");
    return { build, text: planText(made.plan, true) };
  });

describe("a plan", () => {
  it("says that an engine without containers tests nothing of the science image", async () => {
    const { build, text } = await planned(world({}));
    expect(build).toMatchObject({ scienceTests: { count: 2, when: "changed", runs: false } });
    expect(text).toContain(
      "  2 tests of the science image: not tested, for its engine runs no containers, where what resolves is not the same\n",
    );
  });

  it("says where they run, when that is everywhere, and that they are off", async () => {
    const run = { "compat/jupyter/Dockerfile": "RUN true\n" };
    expect((await planned(world({}, run))).text).toContain("image: run where what resolves is not the same\n");
    expect((await planned(world({ tests: "always" }, run))).text).toContain("2 tests of the science image: run\n");
    expect((await planned(world({ tests: "off" }, run))).text).toContain("2 tests of the science image: off\n");
  });

  it("says nothing where there are none", async () => {
    const files = { ...world({}), ...scienceFiles("stars", "debian:bookworm-slim") };
    expect((await planned(files)).build).not.toHaveProperty("scienceTests");
  });
});
