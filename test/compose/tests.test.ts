import { describe, expect, it } from "vitest";
import { compose } from "../../src/run/compose.ts";
import { plan } from "../../src/run/plan.ts";
import { openSession } from "../../src/run/session.ts";
import { compatFiles, repository, scienceFiles } from "../support/repository.ts";

const files = {
  ...compatFiles("jupyter"),
  ...scienceFiles("a", "debian", {
    test: [
      "true",
      { run: "pytest /t", files: { tests: "/t/", "run.sh": "/usr/local/bin/", "tests/deep": "/d" }, timeout: "5m" },
    ],
  }),
  "science/a/.dockerignore": "tests\n",
  "science/a/tests/b.py": "",
  "science/a/tests/deep/a.py": "",
  "science/a/run.sh": "",
};

describe("tests of a composed build", () => {
  it("have the files of the directory, whatever is kept out of the build", async () => {
    const { path } = repository(files);
    const session = openSession({ root: path });
    const { builds } = await compose(session, await plan(session, { since: "all" }), {});
    const [build] = builds;
    expect(build?.context.map((each) => each.path)).toEqual(["run.sh"]);
    expect(build?.test[1]?.files.map((each) => `${each.path} ${each.file.source}`)).toEqual([
      "/t/b.py science/a/tests/b.py",
      "/t/deep/a.py science/a/tests/deep/a.py",
      "/usr/local/bin/run.sh science/a/run.sh",
      "/d/a.py science/a/tests/deep/a.py",
    ]);
    await session.close();
  });

  it("need no files where a plan only names engines", async () => {
    const session = openSession({ root: repository(files).path });
    const { plan: made } = await plan(session, { since: "all", engines: { named: true } });
    expect(made.builds.map(({ engine }) => engine?.name)).toEqual(["docker", "docker"]);
    await session.close();
  });

  it("are refused with a file that git does not have", async () => {
    const made = repository({
      ...files,
      "science/a/tests": undefined,
      "science/a/tests/b.py": undefined,
      "science/a/tests/deep/a.py": undefined,
    });
    made.write({ "science/a/tests/b.py": "", "science/a/tests/deep/a.py": "" });
    const session = openSession({ root: made.path });
    const planned = await plan(session, { since: "all" });
    await expect(compose(session, planned, {})).rejects.toThrow("git has nothing of science/a/tests");
    await session.close();
  });
});
