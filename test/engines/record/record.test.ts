import { describe, expect, it } from "vitest";
import { createRecordEngine } from "../../../src/engines/record/record.ts";
import { engineContract, readyBuild, task } from "../../contracts/engine.ts";

const world = { repo: "reg.test/x", base: "debian:1", root: "/" };

describe("the recording engine", () => {
  engineContract(async () => ({ engine: createRecordEngine([world.base]), ...world }), true);

  it("writes down what an engine would be told", async () => {
    const engine = createRecordEngine([world.base]);
    const image = await engine.build(readyBuild(world, "a", "FROM debian:1\n"), task());
    await engine.push(image, "reg.test/x/a:1.0", task());
    expect(engine.commands.map((command) => command.slice(0, 2).join(" "))).toEqual([
      "docker build",
      "docker tag",
      "docker push",
    ]);
  });
});
