import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { commonOptions } from "../../src/cli/common-options.ts";
import { candidates } from "../../src/cli/completion/candidates.ts";
import { completionScripts } from "../../src/cli/completion/scripts.ts";
import { type NameKind, names as namesOf } from "../../src/run/names.ts";
import { withSession } from "../../src/run/session.ts";
import { compile, type Executable } from "../support/executable.ts";
import { compatFiles, repository, scienceFiles } from "../support/repository.ts";

const catalogue: Partial<Record<NameKind, readonly string[]>> = {
  directories: ["compat/jupyter", "science/a"],
  images: ["a", "b"],
  versions: ["a:1.0", "a:2.0", "b:1.0"],
  targets: ["a", "a-2"],
  singles: ["b", "a-2"],
  compat: ["jupyter"],
  adopted: ["old:1.0"],
  withdrawn: ["a:1.0-42-f90dbd6"],
  orphans: ["gone:1.0"],
  runs: ["20260101T000000Z-42-f90dbd6"],
  engines: ["assemble", "docker"],
  revisions: ["all", "published", "main"],
};
const complete = (line: string) => candidates(line.split(" "), commands, async (kind) => catalogue[kind] ?? []);

describe("completing", () => {
  it("offers commands where no command stands yet, and nothing behind a word that is none", async () => {
    expect(await complete("")).toEqual(commands.map((each) => each.name));
    expect(await complete("--root x -v pl")).toEqual(["plan"]);
    expect(await complete("help pl")).toEqual(["plan"]);
    expect(await complete("help plan ")).toEqual([]);
    expect(await complete("nothing pl")).toEqual([]);
  });

  it("offers the options of the command, or of build where none stands", async () => {
    expect(await complete("plan --out")).toEqual(["--output"]);
    expect(await complete("--dry")).toEqual(["--dryrun", "--dry-run"]);
    expect(await complete("check --push")).toEqual([]);
    expect(await complete("plan --no-me")).toEqual(["--no-meaningful"]);
  });

  it("offers values of options, joined or apart", async () => {
    expect(await complete("plan --format ")).toEqual(["text", "json", "markdown", "dot", "mermaid"]);
    expect(await complete("plan --format=js")).toEqual(["--format=json"]);
    expect(await complete("--include ")).toEqual(catalogue.directories);
    expect(await complete("why --ignore sci")).toEqual(["science/a"]);
    expect(await complete("--engine d")).toEqual(["docker"]);
    expect(await complete("plan --since ")).toEqual(["all", "published", "main"]);
    expect(await complete("adopt x:1 --compat ")).toEqual(["jupyter"]);
    expect(await complete("withdraw a:1.0 --replacement b")).toEqual(["b:1.0"]);
  });

  it("leaves paths to the shell where a path is meant, and nowhere else", async () => {
    expect(await complete("--root ")).toBe("folders");
    for (const line of ["build --plan ", "--plan=sa", "--push --key ", "verify --key k", "plan --output "])
      expect([line, await complete(line)]).toEqual([line, "files"]);
    for (const line of ["build ", "plan x", "why a ", "--repo ", "--jobs=", "new science ", "status ", "check --plan "])
      expect([line, await complete(line)]).toEqual([line, []]);
  });

  it("goes on with a list of directories, also where a command may stand", async () => {
    expect(await complete("plan --include science/a ")).toEqual(catalogue.directories);
    expect(await complete("--include science/a st")).toEqual(["status"]);
    expect(await complete("--include science/a sc")).toEqual(["science/a"]);
    expect(await complete("plan --include=science/a ")).toEqual([]);
  });

  /** Each of these is a line that the command would not refuse for the form of its names. */
  it.each<[string, readonly NameKind[]]>([
    ["why ", ["images", "versions", "targets"]],
    ["trail ", ["versions", "singles"]],
    ["verify ", ["images", "versions"]],
    ["verify x y ", ["images", "versions"]],
    ["rollback ", ["versions", "runs"]],
    ["withdraw ", ["versions", "runs"]],
    ["history ", ["images", "versions"]],
    ["--allow-older ", ["versions"]],
    ["plan --refresh ", ["directories", "images", "versions"]],
    ["withdraw --undo ", ["withdrawn"]],
    ["adopt ", ["orphans"]],
    ["adopt --undo ", ["adopted"]],
    ["new science --in-place ", ["targets"]],
  ])("offers behind %j what it takes: %j", async (line, kinds) => {
    expect(await complete(line)).toEqual([...new Set(kinds.flatMap((kind) => catalogue[kind] ?? []))]);
  });

  it("knows what to offer wherever something of the catalogue, or a file, is named", () => {
    const named = /^(?:IMAGE|RUN|TARGET|DIR|FILE|REF\b)/;
    const silent = commands.flatMap(({ name, arguments: args, options, formats }) => [
      ...args
        .filter((each) => named.test(each.name) && each.values === undefined)
        .map((each) => `${name} ${each.name}`),
      ...[...options, ...commonOptions(formats)]
        .filter((each) => named.test(each.value ?? "") && each.values === undefined)
        .map((each) => `${name} --${each.name}`),
    ]);
    // It names an image of somebody else, which no catalogue knows.
    expect(silent).toEqual(["new --image", "new --base"]);
  });

  it("offers nothing twice, and nothing behind the last argument", async () => {
    expect(await complete("verify a ")).toEqual(["b", "a:1.0", "a:2.0", "b:1.0"]);
    expect(await complete("why a:")).toEqual(["a:1.0", "a:2.0"]);
    expect(await complete("why a ")).toEqual([]);
    expect(await complete("completion ")).toEqual(["bash", "zsh", "fish"]);
    expect(await complete("new ")).toEqual(["science", "compat"]);
  });
});

describe("names to complete with", () => {
  it("come from the catalogue, its history, its runs and its branches", async () => {
    const made = repository({
      ...scienceFiles("astro", "debian", { version: "1.0" }),
      ...scienceFiles("top", "sci/astro:1.0", { image: "astro", version: "2.0" }),
      ...compatFiles("jupyter"),
    });
    made.commit({ ...scienceFiles("astro", "debian", { version: "1.1" }) });
    made.git("branch", "feature");
    const journal = {
      formatVersion: 1,
      started: "2026-01-01T00:00:00Z",
      repo: "r",
      commit: "c",
      stamp: "s",
      units: [],
    };
    made.write({ ".git/image-builder/runs/one.json": { ...journal, run: "one", state: "done" } });
    await withSession({ root: made.path }, async (session) => {
      expect(await namesOf(session, "orphans")).toEqual(["astro:1.0"]);
      expect(await namesOf(session, "singles")).toEqual(["top"]);
      expect(await namesOf(session, "runs")).toEqual(["one"]);
      expect(await namesOf(session, "revisions")).toEqual(["all", "published", "feature", "main"]);
      expect(await namesOf(session, "engines")).toContain("docker");
    });
    await withSession({ root: "/nowhere" }, async (session) => {
      expect(await namesOf(session, "images")).toEqual([]);
      expect(await namesOf(session, "revisions")).toEqual(["all", "published"]);
    });
  });
});

describe("completion in bash", () => {
  let executable: Executable;
  const folder = mkdtempSync(join(tmpdir(), "image-builder-completion-"));
  beforeAll(() => {
    executable = compile();
    writeFileSync(join(folder, "image-builder"), `#!/bin/sh\nexec "${process.execPath}" "${executable.main}" "$@"\n`);
    chmodSync(join(folder, "image-builder"), 0o755);
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  /** What bash would put in the place of the last word. */
  function inBash(line: string, directory: string): string[] {
    const script = `${completionScripts.bash}COMP_LINE=$1 COMP_POINT=\${#1}; _image_builder; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const out = execFileSync("bash", ["-c", script, "bash", line], { cwd: directory, encoding: "utf8" });
    return out.split("\n").filter(Boolean);
  }

  it("asks the program, whose name may be a path, and knows where bash cuts words", () => {
    const made = repository({ ...scienceFiles("nist-basic", "debian"), ...compatFiles("jupyter") });
    const program = join(folder, "image-builder");
    expect(inBash(`${program} why nist`, made.path)).toEqual(["nist-basic", "nist-basic:1.0"]);
    expect(inBash(`${program} why nist-basic:`, made.path)).toEqual(["1.0"]);
    expect(inBash(`${program} check --format=git`, made.path)).toEqual(["github", "gitlab"]);
    expect(inBash(`${program} --include `, made.path)).toEqual(["science/nist-basic", "compat/jupyter"]);
    expect(inBash(`${program} verify nobody`, made.path)).toEqual([]);
  });

  it("evaluates nothing of what stands on the line", () => {
    const made = repository(compatFiles("jupyter"));
    inBash(`${join(folder, "image-builder")} --since $(touch${"$"}{IFS}evil) \`touch evil\` pl`, made.path);
    expect(made.git("status", "--porcelain")).toBe("");
  });
});
