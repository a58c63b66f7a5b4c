import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { renderDockerfile } from "../../../src/compose/render.ts";
import { textPiece } from "../../../src/compose/text-pieces.ts";
import { type AssembleEngine, createAssembleEngine } from "../../../src/engines/assemble/engine.ts";
import { createRegistries } from "../../../src/registry/registries.ts";
import { engineEnvironment, testWorld } from "../../support/world.ts";
import { baseConfig, baseLayers, otherLayers, pushImage } from "./base-images.ts";
import { type Case, cases } from "./cases.ts";
import { type FlatImage, flatten } from "./flatten.ts";
import { makeContext, quietTask, readyBuild, type Workshop } from "./workshop.ts";

const world = testWorld();
const registries = createRegistries();
const registry = registries.registryFor(world.registry);
const prefix = `assemble-equality-${process.pid}`;
const images = new Map<string, string>();
let scratch: string;
let engine: AssembleEngine;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "assemble-equality-"));
  engine = createAssembleEngine({ registries, cache: join(scratch, "cache"), temporary: scratch });
  images.set("BASE", await pushImage(registry, `${prefix}/base`, "1", baseLayers, baseConfig));
  images.set("OTHER", await pushImage(registry, `${prefix}/other`, "1", otherLayers, {}));
  const OnBuild = ["COPY one.txt /triggered/", "ENV TRIGGERED=yes", "USER idies"];
  images.set("TRIGGERS", await pushImage(registry, `${prefix}/triggers`, "1", baseLayers, { ...baseConfig, OnBuild }));
});

afterAll(async () => {
  await engine.close();
  await registries.close();
  await rm(scratch, { recursive: true, force: true });
});

describe("the embedded engine and BuildKit", () => {
  it.concurrent.each(cases.map((each, at) => ({ ...each, at })))("$title", async (each) => {
    const workshop = await makeContext(each.files);
    const dockerfile = each.dockerfile.replace(
      /\b(BASE|OTHER|TRIGGERS)\b(?=[\s]| \/)/g,
      (name) => images.get(name) ?? name,
    );
    const [ours, theirs] = await Promise.allSettled([
      byAssemble(workshop, dockerfile, each, `${world.registry}/${prefix}/ours:case-${each.at}`),
      byBuildKit(workshop, dockerfile, each, `${world.registry}/${prefix}/theirs:case-${each.at}`),
    ]);
    await workshop.remove();
    if (each.fails) return expect([ours.status, theirs.status]).toEqual(["rejected", "rejected"]);
    if (ours.status === "rejected") throw ours.reason;
    if (theirs.status === "rejected") throw theirs.reason;
    expect(withoutUserAttributes(ours.value)).toEqual(withoutUserAttributes(theirs.value));
    expect(comparable(ours.value)).toEqual(comparable(theirs.value));
  });
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
    const theirs = await byBuildKit(workshop, run.text, { title: "declared", dockerfile: run.text }, two);
    await workshop.remove();
    expect(withoutUserAttributes(await flatten(registry, one))).toEqual(withoutUserAttributes(theirs));
  });
});

async function byAssemble(
  workshop: Workshop,
  dockerfile: string,
  { args }: Case,
  reference: string,
): Promise<FlatImage> {
  const ready = readyBuild(workshop, dockerfile, [reference, `${reference}-stable`], { ...(args && { args }) });
  const image = await engine.build(ready, quietTask());
  await engine.push(image, reference, quietTask());
  return flatten(registry, reference);
}

async function byBuildKit(
  workshop: Workshop,
  dockerfile: string,
  { args = {} }: Case,
  reference: string,
): Promise<FlatImage> {
  const file = join(scratch, reference.replace(/^.*:/, "Dockerfile-"));
  await writeFile(file, dockerfile);
  const given = Object.entries(args).flatMap(([key, value]) => ["--build-arg", `${key}=${value}`]);
  const command = [
    "buildx",
    "build",
    "--provenance=false",
    "--network=host",
    "--push",
    "-t",
    reference,
    "-f",
    file,
    ...given,
    workshop.folder,
  ];
  const environment = {
    ...process.env,
    ...engineEnvironment(world.modern),
    PATH: `${dirname(world.modern.client)}:${process.env["PATH"]}`,
  };
  await promisify(execFile)(world.modern.client, command, { env: environment });
  return flatten(registry, reference);
}

/** What is written down as different on purpose is left out: `docs/decisions/`. */
function comparable({ config }: FlatImage): unknown {
  const { history = [], config: container, architecture, os, author } = config;
  const steps = history.map(({ created_by }) =>
    (created_by ?? "").replace(/^(EXPOSE|HEALTHCHECK|VOLUME|SHELL) .*$/, "$1"),
  );
  return { architecture, os, author, container, steps };
}

/** Docker's store keeps no attribute but capabilities; ours keeps all. */
const withoutUserAttributes = ({ files }: FlatImage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(files).map(([path, facts]) => [
      path,
      facts.replace(/"user\.[^:]*":"[^"]*"/g, "").replace(/,"xattrs":\{\}/, ""),
    ]),
  );
