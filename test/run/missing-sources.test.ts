import { expect, it } from "vitest";
import { build } from "../../src/run/build.ts";
import { plan } from "../../src/run/plan.ts";
import { withSession } from "../../src/run/session.ts";
import { compatFiles, repository, scienceFiles } from "../support/repository.ts";

it("a plan warns of sources that git does not track, and a build with one is refused before anything is built", async () => {
  const { path, write } = repository({
    ...compatFiles("jupyter"),
    ...scienceFiles("a", "scratch"),
    "science/a/Dockerfile": "FROM scratch\nCOPY data raw/x.csv *.txt /x/\n",
    ...scienceFiles("b", "scratch"),
    "science/b/Dockerfile": "FROM scratch\nCOPY nothing /x\n",
    ".gitignore": "*.csv\n",
  });
  write({ "science/a/data/x": "1", "science/a/raw/x.csv": "1" });
  await withSession({ root: path }, async (session) => {
    const request = { include: ["science/a"] };
    const { plan: made, obstacles } = await plan(session, request);
    const told = ["data", "raw/x.csv"].map((each) => `git does not track science/a/${each}, and builds leave it out`);
    expect(obstacles.map(({ message }) => message)).toEqual(told);
    const warned = made.warnings.filter(({ code }) => code === "missing-source");
    expect(warned.map(({ severity, message }) => [severity, message])).toEqual(told.map((each) => ["warning", each]));
    await expect(build(session, { ...request, output: `oci:${path}/out` })).rejects.toThrow(told[0]);
  });
});
