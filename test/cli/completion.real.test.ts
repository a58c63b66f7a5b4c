import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, type Executable } from "../support/executable.ts";
import { compatFiles, type Repository, repositoryAt, scienceFiles } from "../support/repository.ts";
import { openTerminal, type Terminal } from "../support/terminal.ts";

/** Starts each shell without anybody's own settings, as one would write its settings file. */
const shells = {
  bash: (program: string) => `bash --norc -i; PS1='> '; source <(${program} completion bash)`,
  zsh: (program: string) =>
    `zsh -f -i; PS1='> '; autoload -U compinit; compinit -u; source <(${program} completion zsh)`,
  fish: (program: string) =>
    `fish --no-config -i; function fish_prompt; echo -n '> '; end; ${program} completion fish | source`,
};

describe.each(["bash", "zsh", "fish"] as const)("completion in %s on a terminal", (shell) => {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-completion-"));
  let executable: Executable;
  let repository: Repository;
  beforeAll(() => {
    executable = compile();
    writeFileSync(join(folder, "image-builder"), `#!/bin/sh\nexec "${process.execPath}" "${executable.main}" "$@"\n`);
    chmodSync(join(folder, "image-builder"), 0o755);
    repository = repositoryAt(mkdtempSync(join(folder, "catalogue-")), {
      ...scienceFiles("nist-basic", "debian"),
      ...scienceFiles("nist-more", "debian"),
      ...compatFiles("jupyter"),
    });
  });
  afterAll(() => {
    try {
      rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
    } catch {
      // A shell that ends writes its history there: what is left is of no consequence for what was tested.
    }
  });

  async function ready(): Promise<Terminal> {
    const [start = "", ...lines] = shells[shell]("image-builder").split("; ");
    const terminal = openTerminal(
      `env PATH=${folder}:${process.env["PATH"]} HOME=${folder} TERM=screen ${start}`,
      repository.path,
    );
    terminal.type(lines.join("; "));
    terminal.press("Enter");
    terminal.type("echo read''y");
    terminal.press("Enter");
    await terminal.waitFor(/^ready$/m);
    terminal.press("C-l");
    return terminal;
  }

  it.each([
    ["image-builder compl", "image-builder completion"],
    ["image-builder plan --outp", "image-builder plan --output"],
    ["image-builder why nist-b", "image-builder why nist-basic"],
    ["image-builder why nist-basic:", "image-builder why nist-basic:1.0"],
    ["image-builder plan --include science/nist-m", "image-builder plan --include science/nist-more"],
    ["image-builder check --format=gith", "image-builder check --format=github"],
    ["image-builder new science x --from nist-m", "image-builder new science x --from nist-more"],
    ["image-builder new science x --compat ju", "image-builder new science x --compat jupyter"],
    ["image-builder completion fi", "image-builder completion fish"],
  ])("makes of %j the line %j", async (typed, completed) => {
    const terminal = await ready();
    terminal.type(typed);
    terminal.press("Tab");
    const screen = await terminal.waitFor(new RegExp(`> ${completed}`));
    expect(screen).not.toContain("rror");
  });

  it.each([
    ["image-builder build --plan saved-p", /--plan saved-plan\.json/],
    ["image-builder build --plan=saved-p", /--plan=saved-plan\.json/],
    ["image-builder plan --root saved-fo", /--root saved-folder/],
  ])("leaves paths to itself in %j", async (typed, screen) => {
    const terminal = await ready();
    writeFileSync(join(repository.path, "saved-plan.json"), "{}");
    mkdirSync(join(repository.path, "saved-folder"), { recursive: true });
    terminal.type(typed);
    terminal.press("Tab");
    await terminal.waitFor(screen);
  });

  it("offers no file where none is meant", async () => {
    const terminal = await ready();
    writeFileSync(join(repository.path, "saved-plan.json"), "{}");
    terminal.type("image-builder verify saved-p");
    terminal.press("Tab");
    terminal.type("XX");
    expect(await terminal.waitFor(/verify saved-p.*XX/)).toContain("verify saved-pXX");
  });
});
