import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Digest } from "../../src/oci/digest.ts";
import { readJournals } from "../../src/publish/journal.ts";
import { digestOf, removeTag, tagPlace } from "../../src/publish/tags.ts";
import type { Registries } from "../../src/registry/model.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { type RunningRegistry, startRegistry } from "../support/registry.ts";
import { imagesPlan } from "./images-plan.ts";
import { putImage } from "./world.ts";

const count = 10;
const folder = mkdtempSync(join(tmpdir(), "publish-real-"));
let server: RunningRegistry;
let registries: Registries;
beforeAll(async () => {
  server = await startRegistry();
  registries = createRegistries({ environment: {} });
});
afterAll(async () => {
  await registries?.close();
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const digest = (reference: string): Promise<Digest | undefined> => digestOf(tagPlace(registries, reference));

/** Ends a child, hard, so many milliseconds after it began to move tags; undefined lets it end by itself. */
async function publish(journals: string, run: string, killAfter?: number): Promise<number | null> {
  const child = spawn(process.execPath, childArguments(journals, run), { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number | null>((resolve) => child.once("close", resolve));
  if (killAfter !== undefined) {
    await new Promise((resolve) => child.stdout.once("data", resolve));
    await wait(killAfter);
    child.kill("SIGKILL");
  }
  return ended;
}

const childArguments = (journals: string, run: string): string[] => [
  join(folder, "child.mjs"),
  journals,
  server.host,
  run,
  String(count),
];

/** Node runs no TypeScript of its own here. */
beforeAll(async () => {
  const { build } = await import("esbuild");
  await build({
    entryPoints: [join(import.meta.dirname, "child.ts")],
    bundle: true,
    platform: "node",
    format: "esm",
    outfile: join(folder, "child.mjs"),
    logLevel: "error",
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  });
});

describe("a publish that is killed", () => {
  it("at any moment is finished by the next run, and never leaves a science tag without its users' tag", async () => {
    const plan = imagesPlan(server.host, count);
    const fresh = new Map<string, Digest>();
    for (const { tags } of plan) fresh.set(tags[1], await putImage(registries, tags[0], { new: tags[0] }));
    const partial: number[] = [];
    for (let round = 0; round < 20; round += 1) {
      const journals = join(folder, `journals-${round}`);
      await Promise.all(plan.map(({ tags }) => putImage(registries, tags[1], { old: tags[1] })));
      await publish(journals, "run-1", 1 + ((round * 97) % 60));
      const between = new Map(
        await Promise.all(plan.map(async ({ tags }) => [tags[1], await digest(tags[1])] as const)),
      );
      const moved = plan.filter(({ tags }) => between.get(tags[1]) === fresh.get(tags[1]));
      partial.push(moved.length);
      for (const { tags } of moved.filter(({ kind }) => kind === "science")) {
        const users = tags[1].replace("/sci/", "/rel/");
        expect(between.get(users), `${tags[1]} was moved without ${users}`).toBe(fresh.get(users));
      }
      expect(await publish(journals, "run-2")).toBe(0);
      for (const { tags } of plan) expect(await digest(tags[1])).toBe(fresh.get(tags[1]));
      for (const { state } of await readJournals(journals)) expect(state).toBe("done");
    }
    // Else the moments were not those that this is about.
    expect(partial.some((moved) => moved > 0 && moved < plan.length)).toBe(true);
  });
});

it("a tag is taken away, and what it pointed to stays under its other tag", async () => {
  const unique = `${server.host}/remove/x:1.0-1-abc`;
  const stable = `${server.host}/remove/x:1.0`;
  const image = await putImage(registries, unique, { a: "1" });
  expect(await putImage(registries, stable, { a: "1" })).toBe(image);
  expect(await removeTag(tagPlace(registries, stable))).toBe(true);
  expect([await digest(unique), await digest(stable)]).toEqual([image, undefined]);
});
