import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { compatFiles, type Repository, repository, scienceFiles } from "../support/repository.ts";
import { recordedWorld } from "./command-line.ts";

async function run(line: string, directory: string, environment: Record<string, string> = {}) {
  const world = recordedWorld({ directory, environment });
  const code = await runCommandLine(line.split(" ").filter(Boolean), world);
  return { code, out: world.out(), err: world.err() };
}

/** The example of the founding description: two layers of one image, the lower one changed. */
function example(): Repository {
  const made = repository({
    ...scienceFiles("nist-basic", "debian:bookworm-slim"),
    ...scienceFiles("nist-basic-2", "sci/nist-basic:1.0", { image: "nist-basic", version: "2.0" }),
    ...compatFiles("jupyter"),
  });
  made.commit({ "science/nist-basic/Dockerfile": "FROM debian:bookworm-slim\nRUN true\n" });
  return made;
}

const stampOf = (made: Repository): string => `2-${made.git("rev-parse", "--short", "HEAD")}`;

describe("a dry run", () => {
  it("prints the three lines that scripts know, and exits with 0", async () => {
    const made = example();
    const stamp = stampOf(made);
    expect(await run("-v --dryrun", made.path)).toEqual({
      code: 0,
      out: `change results in final image nist-basic => nist-basic:1.0-${stamp}, nist-basic:1.0
change results in final image nist-basic => nist-basic:2.0-${stamp}, nist-basic:2.0
final plan includes 2 science builds and 2 compat builds
`,
      err: "",
    });
  });

  it("finds the catalogue from a folder inside it", async () => {
    const made = example();
    expect((await run("plan", `${made.path}/science/nist-basic`)).out).toContain("2 science builds");
    expect((await run(`plan --root ${made.path}`, "/")).out).toContain("2 science builds");
  });

  it("says on stderr that nothing is to be done, and exits with 0", async () => {
    const { code, out, err } = await run("--dryrun --since HEAD", example().path);
    expect({ code, out }).toEqual({ code: 0, out: "final plan includes 0 science builds and 0 compat builds\n" });
    expect(err).toContain("nothing is to be built");
    expect((await run("-q --dryrun --since HEAD", example().path)).err).toBe("");
  });

  it("says that everything is planned where there is nothing to compare with", async () => {
    const made = repository({ ...scienceFiles("a", "debian"), ...compatFiles("jupyter") });
    const { code, err } = await run("plan", made.path);
    expect(code).toBe(0);
    expect(err).toContain("everything is planned: ");
  });

  it("is one JSON document with --format json, from the environment too", async () => {
    const made = example();
    const { out } = await run("build -n --push --format json", made.path);
    expect(JSON.parse(out)).toMatchObject({ formatVersion: 1, summary: { science: 2, compat: 2 } });
    expect((await run("plan", made.path, { IMAGE_BUILDER_FORMAT: "json" })).out).toBe(out);
  });

  it("of a publication is what plan shows", async () => {
    const made = example();
    for (const more of ["", " -vv", " --format json"]) {
      expect((await run(`plan${more}`, made.path)).out).toBe((await run(`--push --dryrun${more}`, made.path)).out);
    }
  });
});

describe("a broken catalogue", () => {
  const broken = (): Repository => {
    const made = example();
    made.commit({
      "science/nist-basic-2/Dockerfile": "FROM sci/nist-basic:1.1\n",
      "science/other/sciserver-image.json": "{",
      "science/other/Dockerfile": "FROM debian\n",
    });
    return made;
  };

  it("has all its problems shown at once by check, on stdout, and exits with 2", async () => {
    const { code, out, err } = await run("check", broken().path);
    expect({ code, err }).toEqual({ code: 2, err: "" });
    expect(out).toContain("science/nist-basic-2/Dockerfile:1:6: error[unknown-parent]");
    expect(out).toContain("science/other/sciserver-image.json:1:");
    expect(out).toMatch(/\n[2-9] errors\n$/);
  });

  it("is neither planned nor built", async () => {
    for (const line of ["", "plan", "--dryrun", "why nist-basic", "--push"]) {
      const { code, out, err } = await run(line, broken().path);
      expect({ line, code, out }).toEqual({ line, code: 2, out: "" });
      expect(err).toContain("error[unknown-parent]");
      expect(err).not.toMatch(/\n\s+at /);
    }
  });

  it("is one JSON document of problems with --format json, whatever the command", async () => {
    for (const line of ["check --format json", "plan --format=json", "--format json"]) {
      const { code, out } = await run(line, broken().path);
      expect(code).toBe(2);
      const { problems } = JSON.parse(out) as { problems: { code: string; at: object }[] };
      expect(problems.find((each) => each.code === "unknown-parent")?.at).toEqual({
        file: "science/nist-basic-2/Dockerfile",
        line: 1,
        column: 6,
      });
    }
  });

  it("is annotated with paths from the top of the project", async () => {
    const made = repository({
      "images/science/x/Dockerfile": "FROM debian\n",
      "images/science/x/sciserver-image.json": "{",
      "images/compat/.keep": "",
    });
    const github = await run("check --format github --root images", made.path, { GITHUB_WORKSPACE: made.path });
    expect(github.out).toMatch(/^::error file=images\/science\/x\/sciserver-image.json,line=1,col=/);
    const gitlab = await run("check --format gitlab --root images", made.path);
    expect(JSON.parse(gitlab.out)).toMatchObject([{ location: { path: "images/science/x/sciserver-image.json" } }]);
  });
});

describe("what the operating system refuses", () => {
  it("is told as such, with exit code 1, and is no mistake of the program", async () => {
    const { code, err } = await run(`plan --root /${"long".repeat(100)}`, "/");
    expect(code).toBe(1);
    expect(err).toMatch(/^error\[system\]: the operating system refused \/(?:long)+: name too long\n/);
  });
});

describe("why", () => {
  it("prints the chain from the image to the changed file", async () => {
    expect((await run("why nist-basic:2.0", example().path)).out).toBe(`compat/nist-basic:2.0 is planned
  because its science image nist-basic-2 is rebuilt
  science/nist-basic-2 is planned because its parent nist-basic is rebuilt
  science/nist-basic is planned because science/nist-basic/Dockerfile changed
`);
  });

  it("names what keeps an image out", async () => {
    const { code, out } = await run("why nist-basic:2.0 --ignore science/nist-basic", example().path);
    expect(code).toBe(0);
    expect(out).toContain("compat/nist-basic:2.0 is not planned");
  });

  it("refuses an image that is not there", async () => {
    const { code, err } = await run("why nist-basik", example().path);
    expect(code).toBe(2);
    expect(err).toContain('did you mean "nist-basic"?');
  });
});

describe("a line that is wrong", () => {
  it.each([
    ["biuld", 'no command "biuld"; did you mean "build"?'],
    ["--pusj", "write --push"],
    ["plan --root /nowhere/at/all", "which is no folder"],
    ["plan --since", "argument missing"],
    ["help biuld", 'did you mean "build"?'],
  ])("%j exits with 2 and a next step", async (line, words) => {
    const { code, out, err } = await run(line, "/");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain(words);
    expect(err).toContain("help: ");
  });

  it("is one JSON document with --format json", async () => {
    for (const line of ["biuld --format json", "--format=json biuld", "--format json --pusj"]) {
      const { code, out } = await run(line, "/");
      expect(JSON.parse(out)).toMatchObject({ exitCode: code, problems: [{ code: "usage" }] });
    }
  });
});

describe("a run that was stopped", () => {
  const stopped = (directory: string) => recordedWorld({ directory, signal: AbortSignal.abort(new Error("stopped")) });

  it("builds nothing more, and is one JSON document too", async () => {
    const made = example();
    const world = stopped(made.path);
    const line = ["--since", "all", "--format", "json", "--output", `oci:${made.path}/.git/out`];
    const code = await runCommandLine(line, world);
    const document = JSON.parse(world.out()) as { results?: { outcome: string }[]; problems?: unknown[] };
    expect(code).toBe(1);
    expect(document.results?.map(({ outcome }) => outcome) ?? document.problems).not.toContain("done");
    expect(world.err()).not.toContain("error[bug]");
  });

  it("has the problems that were found before", async () => {
    const world = stopped("/");
    expect(await runCommandLine(["plan", "--root", "/", "--format", "json"], world)).toBe(1);
    expect(JSON.parse(world.out())).toMatchObject({ exitCode: 1, problems: [{ code: "no-catalogue" }] });
  });
});

describe("help and version", () => {
  it("need no catalogue and are answers", async () => {
    for (const line of ["--help", "-h", "help", "plan --help", "help why", "--root x why --help", "--version"]) {
      const { code, out, err } = await run(line, "/");
      expect({ line, code, err }).toEqual({ line, code: 0, err: "" });
      expect(out).toMatch(/^Usage: image-builder|^image-builder \d/);
    }
    expect((await run("--root x why --help", "/")).out).toContain("Usage: image-builder why");
  });
});
