import { describe, expect, it } from "vitest";
import { printableCommand, runProcess } from "../../src/engines/processes.ts";
import { task } from "../contracts/engine.ts";

const run = (script: string, signal = new AbortController().signal) =>
  runProcess(["sh", "-c", script], { environment: process.env, signal, log: task().log });

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe("a process", () => {
  it("hands back what it said and how it ended", async () => {
    expect(await run("echo out; echo err >&2; exit 3")).toMatchObject({ code: 3, stdout: "out\n", stderr: "err\n" });
  });

  it("that is not there ends with 127", async () => {
    const signal = new AbortController().signal;
    expect(await runProcess(["no-such-program-here"], { environment: process.env, signal })).toMatchObject({
      code: 127,
    });
  });

  it("is stopped with its children", async () => {
    const controller = new AbortController();
    const log = task();
    const running = runProcess(["sh", "-c", "sh -c 'echo $$; exec sleep 60'; true"], {
      environment: process.env,
      signal: controller.signal,
      log: log.log,
    });
    while (!/^\d+$/m.test(log.text())) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(new Error("stopped"));
    await expect(running).rejects.toThrow("stopped");
    const child = Number(/^\d+$/m.exec(log.text())?.[0]);
    // Its new parent takes a moment to notice that it has ended.
    await expect.poll(() => isThere(child), { timeout: 5_000 }).toBe(false);
  });

  it("is written down without the passwords of addresses", () => {
    const command = ["docker", "build", "--build-arg", "http_proxy=http://me:secret@proxy:1", "it's"];
    expect(printableCommand(command)).toBe(`docker build --build-arg 'http_proxy=http://***@proxy:1' 'it'\\''s'`);
    const more = ["docker", "--build-arg", "FROM=https://u:p@ss/w@host/x?sig=y", "API_TOKEN=abc"];
    expect(printableCommand(more)).toBe("docker --build-arg 'FROM=https://***@host/x?***' 'API_TOKEN=***'");
  });
});
