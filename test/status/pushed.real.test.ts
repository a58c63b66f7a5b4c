import { describe, expect, it } from "vitest";
import { compatFiles, type Files, scienceFiles } from "../support/repository.ts";
import { type TestWorld, worlds } from "./worlds.ts";

const { make, server } = worlds();

const states = async ({ json }: TestWorld): Promise<string[]> =>
  ((await json("status")) as { images: { image: string; version: string; states: string[] }[] }).images.map(
    ({ image, version, states: all }) => `${image} ${version} ${all.join(" ")}`,
  );

describe("what the program pushes itself", () => {
  it("is current, then out of date, brought up to date, orphaned, adopted and updated on its old science image", async () => {
    const base = `${server().host}/others/base:1`;
    const seed: Files = { ...scienceFiles("x", base), ...compatFiles("jupyter", ["common"]), ...compatFiles("common") };
    const test = make({ ...seed, "science/x/Dockerfile": `FROM ${base}\nENV A=1\n` });
    const { repo, world, cli } = test;
    await world.push(base, { maintainer: "others" });
    const push = async () => {
      const { code, err } = await cli("--push", "--since", "published", "--engine", "assemble");
      expect(err).not.toContain("error");
      expect(code).toBe(0);
    };
    await push();
    expect(await states(test)).toEqual(["x 1.0 current"]);
    const science = await world.digest(`${world.repo}/sci/x:1.0`);
    repo.commit({ ...scienceFiles("x", base, { version: "2.0" }), "compat/common/Dockerfile": "ENV B=1\n" });
    expect(await states(test)).toEqual(["x 1.0 orphaned", "x 2.0 not-published"]);
    expect(await cli("--push", "--since", "published", "--engine", "assemble")).toMatchObject({
      code: 2,
      err: expect.stringContaining("error[orphaned-image]"),
    });
    expect((await cli("adopt", "x:1.0")).code).toBe(0);
    repo.commit({}, "adopt x 1.0");
    expect(await states(test)).toEqual(["x 1.0 compat-out-of-date adopted", "x 2.0 not-published"]);
    await push();
    expect(await states(test)).toEqual(["x 1.0 adopted", "x 2.0 current"]);
    expect((await world.labels(`${world.repo}/rel/x:1.0`))["org.sciserver.compat.base"]).toMatch(`@${science}`);
    expect((await cli("trail", "x:1.0")).out).toContain("interface  x 1.0-3-");
  });
});
