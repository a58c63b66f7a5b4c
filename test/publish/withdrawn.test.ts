import { describe, expect, it } from "vitest";
import { RefusedError } from "../../src/diagnostics/failure.ts";
import { applyRollback, planRollback } from "../../src/publish/rollback.ts";
import { repo } from "../compose/world.ts";
import { memoryRegistries } from "../support/memory-registry.ts";
import { planOf, published } from "./world.ts";

const run = { run: "run-2", started: "2026-11-22T11:00:00Z", signal: new AbortController().signal };

describe("a withdrawn build", () => {
  it("gets no stable tag: nothing is moved, whatever else is in the same run", async () => {
    const world = await published(planOf("a", "b"), memoryRegistries(), true);
    await world.publish();
    const { folder, registries } = world;
    const plan = await planRollback({ what: "run-1", repo, folder, registries, now: "2026-11-22T10:59:00Z" });
    const digest = world.stable.get("compat/a:1.0");
    const entry = { image: "a", tag: "1.0-7-aaaaaaa", reason: "wrong leap seconds", digest: digest as string };
    const moving = applyRollback(plan, { ...world, ...run, withdrawn: [entry] });
    await expect(moving).rejects.toBeInstanceOf(RefusedError);
    await expect(moving).rejects.toThrow(
      `${repo}/rel/a:1.0 may not point at a:1.0-7-aaaaaaa, which is withdrawn: wrong leap seconds`,
    );
    expect(new Set(Object.values(await world.state()))).toEqual(new Set(["new"]));
    await applyRollback(plan, { ...world, ...run, withdrawn: [{ ...entry, image: "b" }] });
    expect(new Set(Object.values(await world.state()))).toEqual(new Set(["old"]));
  });
});
