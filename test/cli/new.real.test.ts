import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compile, type Executable } from "../support/executable.ts";
import { openTerminal } from "../support/terminal.ts";

describe("new on a terminal", () => {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-new-"));
  let executable: Executable;
  beforeAll(() => {
    executable = compile();
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });
  const program = () => `${process.execPath} ${executable.main}`;

  it("asks, suggests, and asks again after an answer that cannot be used", async () => {
    const terminal = openTerminal(`${program()} new science nist; echo "ended with $?"; sleep 60`, folder);
    await terminal.waitFor(/Image to start from \[debian:bookworm-slim\]: $/m);
    terminal.press("Enter");
    await terminal.waitFor(/Version that users will see \[1\.0\]: $/m);
    terminal.type("1/0");
    terminal.press("Enter");
    await terminal.waitFor(/"1\/0" cannot be used/);
    terminal.type("2.1");
    terminal.press("Enter");
    await terminal.waitFor(/Interface/);
    terminal.type("jupyter");
    terminal.press("Enter");
    const screen = await terminal.waitFor(/ended with 0/);
    expect(screen).toContain("created science/nist/Dockerfile");
    expect(screen).toContain("error[unknown-compat]");
    expect(JSON.parse(readFileSync(join(folder, "science/nist/sciserver-image.json"), "utf8"))).toEqual({
      image: "nist",
      version: "2.1",
      compat: "jupyter",
    });
  });

  it("writes nothing when it is stopped at a question, or the terminal is closed", async () => {
    const terminal = openTerminal(
      `${program()} new science other --version 1.0; echo "ended with $?"; sleep 60`,
      folder,
    );
    await terminal.waitFor(/another image\) \[none\]: $/m);
    terminal.press("C-c");
    await terminal.waitFor(/ended with 130/);
    const second = openTerminal(`${program()} new science other --version 1.0; echo "ended with $?"; sleep 60`, folder);
    await second.waitFor(/another image\) \[none\]: $/m);
    second.press("C-d");
    await second.waitFor(/ended with 2/);
    expect(existsSync(join(folder, "science/other"))).toBe(false);
  });
});
