import { describe, expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { dataLayers, operator } from "../run/operator.ts";
import { recordedWorld } from "./command-line.ts";

describe("a run that the infrastructure ends", { timeout: 120_000 }, () => {
  it("ends with 75, so that a pipeline can try it again, and with 0 when it is tried again", async () => {
    const { made, registry } = await operator(dataLayers("a"));
    const push = async () => {
      const world = recordedWorld({ directory: made.path, environment: { XDG_STATE_HOME: `${made.path}/.git/state` } });
      const code = await runCommandLine(["--push", "--since", "all", "--no-verdict"], world);
      return { code, err: world.err() };
    };
    const away = { on: true };
    registry.faults.push((_request, response) =>
      away.on ? response.writeHead(503, { "retry-after": "0" }).end() !== undefined : false,
    );
    expect(await push()).toMatchObject({ code: 75, err: expect.stringContaining("registry-unavailable") });
    away.on = false;
    expect(await push()).toMatchObject({ code: 0 });
  });

  it("and a question that a registry does not answer end with 75, and with 1 where it says no", async () => {
    const { made, registry } = await operator(dataLayers("a", "b", "c"));
    const ask = (...line: string[]) =>
      runCommandLine(line, recordedWorld({ directory: made.path, environment: process.env }));
    const answer = { status: 503 };
    registry.faults.push(
      (_request, response) => response.writeHead(answer.status, { "retry-after": "0" }).end() !== undefined,
    );
    const questions = [
      ["status"],
      ["images"],
      ["history", "a"],
      ["plan", "--since", "published"],
      ["why", "a", "--since", "published"],
    ];
    for (const line of questions) expect(await ask(...line), line.join(" ")).toBe(75);
    answer.status = 403;
    for (const line of questions) expect(await ask(...line), line.join(" ")).toBe(1);
  });
});
