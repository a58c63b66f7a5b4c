import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { gitEnvironment } from "../support/repository.ts";
import { recordedWorld } from "./command-line.ts";

const stepsOf = (out: string): string[] =>
  (out.split("next:\n")[1] ?? "")
    .split("\n")
    .map((each) => each.trim().replace(/^image-builder /, ""))
    .filter((each) => each !== "" && !each.startsWith("edit "));

describe("new", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "image-builder-new-"));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function line(words: string, answers?: string[]) {
    const prompt = answers && ((question: string) => Promise.resolve(asked(question)));
    const questions: string[] = [];
    const asked = (question: string): string => {
      questions.push(question);
      return answers?.shift() ?? "";
    };
    const world = recordedWorld({ directory: folder, prompt });
    const exitCode = await runCommandLine(words.split(" "), world);
    return { exitCode, out: world.out(), err: world.err(), questions };
  }
  const text = (path: string): string => readFileSync(join(folder, path), "utf8");

  it("starts a catalogue in an empty folder, checks it and says what comes next", async () => {
    const first = await line("new compat jupyter");
    expect(first).toMatchObject({ exitCode: 0, err: "" });
    const second = await line("new science nist --base debian:bookworm-slim --version 1.0 --compat jupyter");
    expect(second).toMatchObject({ exitCode: 0, err: "" });
    expect(second.out).toBe(`created science/nist/sciserver-image.json
created science/nist/Dockerfile
starts the image-version nist 1.0

next:
  edit science/nist/Dockerfile
  git init
  git add . && git commit -m "Add science/nist"
  image-builder plan --include science/nist
`);
    expect((await line("check")).exitCode).toBe(0);
  });

  it("shows what the catalogue lacks with the new layer in it, and has done its work all the same", async () => {
    const made = await line("new science nist --base debian --version 1.0 --compat jupyter");
    expect(made.exitCode).toBe(0);
    expect(made.err).toContain("error[unknown-compat]");
    expect(made.out).toContain("  image-builder new compat jupyter\n  image-builder check\n");
    expect(existsSync(join(folder, "science/nist/Dockerfile"))).toBe(true);
  });

  describe("names next steps that can be followed to the letter", () => {
    const git = (words: string) => execFileSync("/bin/sh", ["-c", words], { cwd: folder, env: gitEnvironment });
    const places: Record<string, () => unknown> = {
      "an empty folder": () => undefined,
      "a repository without a commit": () => git("git init -q"),
      "a repository with a commit": () => git("git init -q && git commit -q --allow-empty -m start"),
      "a repository with an interface": async () => {
        git("git init -q");
        await line("new compat jupyter");
        git("git add . && git commit -q -m interface");
      },
    };
    const lines = [
      "new compat common",
      "new science nist --base debian --version 1.0 --compat jupyter",
      "new science nist --in-place --version 2.0",
    ];

    it.each(Object.keys(places))("in %s", async (place) => {
      await places[place]?.();
      for (const words of lines) {
        const made = await line(words);
        expect({ words, ...made }).toMatchObject({ words, exitCode: 0 });
        for (const step of stepsOf(made.out)) {
          if (step.startsWith("git ")) git(step);
          else expect({ step, ...(await line(step)) }).toMatchObject({ step, exitCode: 0 });
        }
      }
      expect(git("git status --porcelain").toString()).not.toContain("science");
    });
  });

  it("overwrites nothing", async () => {
    await line("new compat jupyter");
    writeFileSync(join(folder, "compat/jupyter/Dockerfile"), "mine\n");
    const again = await line("new compat jupyter");
    expect(again.exitCode).toBe(2);
    expect(again.err).toContain("compat/jupyter is there already, and nothing is overwritten");
    expect(text("compat/jupyter/Dockerfile")).toBe("mine\n");
  });

  it("names the options that are missing where there is no terminal, and writes nothing", async () => {
    const made = await line("new science nist --version 1.0");
    expect(made.exitCode).toBe(2);
    expect(made.err).toContain(
      '"image-builder new science nist" needs --base and --compat, and there is no terminal to ask on',
    );
    expect(existsSync(join(folder, "science"))).toBe(false);
  });

  it("asks on a terminal for what is missing, until the answer can be used", async () => {
    await line("new compat jupyter");
    const made = await line("new science nist", ["", "1/0", "1.0", ""]);
    expect(made.exitCode).toBe(0);
    expect(made.questions).toEqual([
      "Image to start from [debian:bookworm-slim]: ",
      "Version that users will see [1.0]: ",
      "Version that users will see [1.0]: ",
      "Interface (a directory of compat/) [jupyter]: ",
    ]);
    expect(made.err).toContain('"1/0" cannot be used: expected letters');
    expect(text("science/nist/Dockerfile")).toMatch(/^FROM debian:bookworm-slim\n/);
    const second = await line("new science nist-tools", ["nist"]);
    expect(second.questions).toEqual([
      "Science layer of this catalogue to build on (none: start from another image) [none]: ",
    ]);
    expect(text("science/nist-tools/Dockerfile")).toMatch(/^FROM sci\/nist:1.0\n/);
  });

  it.each([
    ["new science ../x --from y", 'the name "../x" cannot be used'],
    ["new science x --from y --base z", "--from and --base name two images to start from"],
    ["new science x --in-place --base z", "--base says nothing to --in-place"],
    ["new compat x --version 1.0", "--version says nothing to a compat layer"],
    ["new science x --from y --retire", "--retire belongs to --in-place"],
    ["new other x", 'there is no kind of layer "other"'],
    ["new science x --base y --version 1/0 --compat z", '--version "1/0" cannot be used'],
    ["new science", "needs NAME"],
  ])("refuses %j", async (words, message) => {
    const made = await line(words);
    expect(made.exitCode).toBe(2);
    expect(made.err).toContain(message);
  });

  it("says with --format json what it wrote", async () => {
    const made = await line("new compat jupyter --format json");
    expect(JSON.parse(made.out)).toMatchObject({
      directory: "compat/jupyter",
      files: [
        { path: "compat/jupyter/sciserver-image.json", is: "created" },
        { path: "compat/jupyter/Dockerfile", is: "created" },
      ],
      problems: [],
    });
  });

  it("leaves --version to the program where no command takes it", async () => {
    expect((await line("--version")).out).toMatch(/^image-builder \d/);
    expect((await line("plan --version")).out).toMatch(/^image-builder \d/);
  });
});
