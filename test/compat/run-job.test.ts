import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const script = fileURLToPath(new URL("../../compat/sciserver-common/run-job", import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "run-job-test-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const file = (name: string) => join(folder, name);
const left = (name: string) => readFileSync(file(`job/${name}`), "utf8");

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the script by the shell named; `onOutput` is called with all that has been printed so far. */
function runJob(
  shell: string,
  args: readonly string[],
  onOutput?: (stdout: string, pid: number) => void,
): Promise<Ended> {
  const child = spawn(shell, [script, ...args], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (bytes: Buffer) => {
    stdout += bytes.toString();
    onOutput?.(stdout, child.pid ?? 0);
  });
  child.stderr.on("data", (bytes: Buffer) => {
    stderr += bytes.toString();
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

describe.each(["dash", "bash"])("run-job under %s", (shell) => {
  it("leaves what a job prints and its exit status in the job's folder, and hands all three on", async () => {
    writeFileSync(file("commands"), "echo out\necho err >&2\nexit 7\n");
    const ended = await runJob(shell, ["--cwd", "job", "--cmdfile", "commands"]);
    expect(ended).toEqual({ code: 7, stdout: "out\n", stderr: "err\n" });
    expect([left("stdout.txt"), left("stderr.txt"), left("exit-status.txt")]).toEqual(["out\n", "err\n", "7\n"]);
  });

  it("runs a command with its arguments as they are", async () => {
    const ended = await runJob(shell, ["--cwd", "job", "--", "printf", "%s|", "a b", "$HOME", "*", "--cwd"]);
    expect(ended).toMatchObject({ code: 0, stdout: "a b|$HOME|*|--cwd|" });
  });

  it("runs a file that is a program by itself", async () => {
    writeFileSync(file("program"), `#!${process.execPath}\nconsole.log([1, 2].map((n) => n * 2).join())\n`, {
      mode: 0o755,
    });
    expect(await runJob(shell, ["--cwd", "job", "--cmdfile", "program"])).toMatchObject({ code: 0, stdout: "2,4\n" });
  });

  it("counts a job that a signal ended as 128 and the signal's number", async () => {
    const ended = await runJob(shell, ["--cwd", "job", "--", "sh", "-c", "kill -9 $$"]);
    expect([ended.code, left("exit-status.txt")]).toEqual([137, "137\n"]);
  });

  it("tells a command that is not there from one that fails", async () => {
    expect((await runJob(shell, ["--cwd", "job", "--", "/nonexistent/program"])).code).toBe(127);
  });

  it("waits for a job that a stop asks to end, with the exit status that the job then chooses", async () => {
    const job = "trap 'echo saved; exit 5' TERM; echo ready; while :; do sleep 0.1; done";
    const ended = await runJob(shell, ["--cwd", "job", "--", "sh", "-c", job], (out, pid) => {
      if (out === "ready\n") process.kill(pid, "SIGTERM");
    });
    expect([ended.code, left("stdout.txt"), left("exit-status.txt")]).toEqual([5, "ready\nsaved\n", "5\n"]);
  });

  it("ends what a job has started along with it", async () => {
    const job = "sleep 1000 & echo $!; wait";
    const ended = await runJob(shell, ["--cwd", "job", "--", "sh", "-c", job], (_, pid) =>
      process.kill(pid, "SIGTERM"),
    );
    expect(ended.code).toBe(143);
    expect(isRunning(Number(ended.stdout))).toBe(false);
  });

  it("calls a job ended though something in the background holds its streams open", async () => {
    const ended = await runJob(shell, ["--cwd", "job", "--", "sh", "-c", "sleep 30 & echo $!; exit 3"]);
    process.kill(Number(ended.stdout));
    expect([ended.code, left("exit-status.txt")]).toEqual([3, "3\n"]);
  });

  it("removes the exit status of an earlier job before the new one starts", async () => {
    await runJob(shell, ["--cwd", "job", "--", "true"]);
    const ended = await runJob(shell, ["--cwd", "job", "--", "sh", "-c", "test ! -e exit-status.txt"]);
    expect(ended.code).toBe(0);
  });

  it.each([
    [[], "expected --cmdfile FILE or -- COMMAND"],
    [["--cmdfile", "missing"], "cannot read the command file missing"],
    [["--cwd"], "--cwd needs a folder"],
    [["--cmdfile", "/dev/null", "--", "true"], "expected --cmdfile or a command, not both"],
    [["--verbose"], "unknown argument: --verbose (expected --cwd DIR, --cmdfile FILE or -- COMMAND)"],
  ])("refuses %j and runs nothing", async (args, words) => {
    const ended = await runJob(shell, args);
    expect(ended).toEqual({ code: 2, stdout: "", stderr: `run-job: ${words}\n` });
    expect(existsSync(file("exit-status.txt"))).toBe(false);
  });
});

/** One that has ended may stay in the list until its new parent asks for it. */
function isRunning(pid: number): boolean {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
