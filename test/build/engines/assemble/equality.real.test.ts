import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AssembleEngine, createAssembleEngine } from "../../../../src/build/engines/assemble/engine.ts";
import { createRegistries } from "../../../../src/registry/registries.ts";
import { engineEnvironment, testWorld } from "../../../support/world.ts";
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
  const file = join(scratch, reference.replace(/^.*case/, "Dockerfile"));
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
