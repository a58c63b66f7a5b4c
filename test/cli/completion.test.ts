import { execFileSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { candidates } from "../../src/cli/completion/candidates.ts";
import { completionScripts } from "../../src/cli/completion/scripts.ts";
import { compile, type Executable } from "../support/executable.ts";
import { compatFiles, repository, scienceFiles } from "../support/repository.ts";

const names = {
  directories: ["compat/jupyter", "science/a"],
  images: ["a", "a:1.0", "b"],
  targets: ["a"],
  compat: ["jupyter"],
};
const complete = (line: string): string[] => candidates(line.split(" "), commands, () => names);

describe("completing", () => {
  it("offers commands where no command stands yet", () => {
    expect(complete("")).toEqual(commands.map((each) => each.name));
    expect(complete("--root x -v pl")).toEqual(["plan"]);
    expect(complete("--root plan")).toEqual([]);
  });

  it("offers the options of the command, or of build where none stands", () => {
    expect(complete("plan --out")).toEqual(["--output"]);
    expect(complete("--dry")).toEqual(["--dryrun", "--dry-run"]);
    expect(complete("check --push")).toEqual([]);
  });

  it("offers values of options, joined or apart", () => {
    expect(complete("plan --format ")).toEqual(["text", "json", "dot", "mermaid"]);
    expect(complete("plan --format=js")).toEqual(["--format=json"]);
    expect(complete("--include ")).toEqual(names.directories);
    expect(complete("why --ignore sci")).toEqual(["science/a"]);
    expect(complete("--root ")).toEqual([]);
  });

  it("offers names of the catalogue for arguments, and nothing behind them", () => {
    expect(complete("why ")).toEqual(names.images);
    expect(complete("why a:")).toEqual(["a:1.0"]);
    expect(complete("why a ")).toEqual([]);
    expect(complete("completion ")).toEqual(["bash", "zsh", "fish"]);
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
    executable.remove();
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
  });

  it("evaluates nothing of what stands on the line", () => {
    const made = repository(compatFiles("jupyter"));
    inBash(`${join(folder, "image-builder")} --since $(touch${"$"}{IFS}evil) \`touch evil\` pl`, made.path);
    expect(made.git("status", "--porcelain")).toBe("");
  });
});
