import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderDockerfile } from "../../../src/compose/render.ts";
import { textPiece } from "../../../src/compose/text-pieces.ts";
import { type AssembleEngine, createAssembleEngine } from "../../../src/engines/assemble/engine.ts";
import { createRegistries } from "../../../src/registry/registries.ts";
import { testWorld } from "../../support/world.ts";
import { answerOf } from "./answers.ts";
import { askBuildKit } from "./ask-buildkit.ts";
import { flatten } from "./flatten.ts";
import { makeContext, quietTask, readyBuild } from "./workshop.ts";

const world = testWorld();
const registries = createRegistries();
const registry = registries.registryFor(world.registry);
const prefix = `assemble-declared-${process.pid}`;
let scratch: string;
let engine: AssembleEngine;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "assemble-declared-"));
  engine = createAssembleEngine({ registries, cache: join(scratch, "cache"), temporary: scratch });
});

afterAll(async () => {
  await engine.close();
  await registries.close();
  await rm(scratch, { recursive: true, force: true });
});

describe("what a compat layer declares", () => {
  const user = { name: "idies", uid: 1000, gid: 1000, group: "idies", home: "/home/idies", shell: "/bin/sh" };
  const directories = [{ path: "/home/idies/workspace" }, { path: "/srv/data/deep", owner: "idies", mode: 0o2770 }];

  it.each([
    ["a user that is new", user],
    ["a number that is taken", { ...user, name: "other", uid: 33, gid: 33 }],
  ])("comes out the same by instructions and by assembling: %s", async (_, declaredUser) => {
    const text = `FROM ${world.mirror}/library/debian:bookworm-slim\nENV A=1\nCOPY --chown=1000 x /home/idies/\n`;
    const section = {
      layer: "common",
      origin: { source: { path: "compat/common/sciserver-image.json", text: "{}" }, offset: 0 },
      at: text.indexOf("COPY"),
      user: declaredUser,
      owner: declaredUser,
      directories: directories.slice(0, declaredUser === user ? 2 : 1),
    };
    const run = renderDockerfile({ ...textPiece(text), declared: [section] }, [], "run");
    const workshop = await makeContext({ x: "x" });
    const [one, two] = [
      `${world.registry}/${prefix}/ours:declared-${declaredUser.uid}`,
      `${world.registry}/${prefix}/theirs:declared-${declaredUser.uid}`,
    ];
    const image = await engine.build(readyBuild(workshop, text, [one, one], { declared: [section] }), quietTask());
    await engine.push(image, one, quietTask());
    await askBuildKit(world, { dockerfile: run.text, workshop, reference: two, scratch });
    await workshop.remove();
    expect(answerOf(await flatten(registry, one), undefined).files).toEqual(
      answerOf(await flatten(registry, two), undefined).files,
    );
  });
});
