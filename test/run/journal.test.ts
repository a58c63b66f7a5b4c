import { appendFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { runEvents } from "../../src/run/journal.ts";
import { dataLayers, operator } from "./operator.ts";

describe("the journal of a run", { timeout: 60_000 }, () => {
  it("tells what happened in its order, also when its last line was cut off", async () => {
    const world = await operator(dataLayers("a"));
    const { run, published } = await world.push({ since: "all" });
    const told = await world.use((session) => runEvents(session, run));
    expect(told?.map(({ event }) => event)).toEqual([
      "run-started",
      "planned",
      "build-started",
      "pushed",
      "build-ended",
      "build-started",
      "pushed",
      "build-ended",
      "tag-moved",
      "tag-moved",
      "run-ended",
    ]);
    expect(told?.find(({ event }) => event === "tag-moved")).toMatchObject({
      reference: `${world.repo}/rel/a:1.0`,
      to: published.find(({ id }) => id === "compat/a:1.0")?.digest,
    });
    expect(told?.at(-1)).toMatchObject({ outcome: "done", at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) });
    const folder = join(world.made.path, ".git/image-builder/runs");
    const [file = ""] = readdirSync(folder).filter((name) => name.startsWith(run) && name.endsWith(".events.jsonl"));
    appendFileSync(join(folder, file), '{"at":"2026-');
    expect(await world.use((session) => runEvents(session, run))).toHaveLength(11);
    expect(await world.use((session) => runEvents(session, "none"))).toBeUndefined();
  });

  it("says how a run ended that was refused, or in which a build failed", async () => {
    const world = await operator(dataLayers("a"));
    await world.push({ since: "all" });
    world.made.commit({ "science/a/Dockerfile": "FROM scratch\nCOPY --chown=nobody data /x\n" });
    const { run, results } = await world.push();
    expect(results[0]?.outcome).toBe("failed");
    const told = await world.use((session) => runEvents(session, run));
    expect(told?.at(-1)).toMatchObject({ event: "run-ended", outcome: "failed" });
    expect(told?.find(({ event }) => event === "build-ended")).toMatchObject({
      outcome: "failed",
      codes: [expect.any(String)],
    });
  });
});
