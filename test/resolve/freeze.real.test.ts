import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFactsCache } from "../../src/contents/cache.ts";
import { mergeFacts } from "../../src/contents/merge.ts";
import { obtainFacts } from "../../src/contents/obtain.ts";
import { examine } from "../../src/freeze/examine.ts";
import { compareImages } from "../../src/resolve/compare.ts";
import type { Comparison, ResolvableImage } from "../../src/resolve/model.ts";
import { placedImage } from "../../src/run/find-image.ts";
import { type Session, withSession } from "../../src/run/session.ts";
import { engineEnvironment, testWorld } from "../support/world.ts";
import { attributes, type FreezeCase, harmful, harmless, probe, scienceDockerfile } from "./freeze-cases.ts";
import { wheel } from "./wheel.ts";

/** In all, each verdict beside what a container says. */
const cases = [...harmless, ...harmful, ...attributes];
const world = testWorld();
const folder = mkdtempSync(join(tmpdir(), "image-builder-freeze-"));
/** Not in the build context: what is written and renamed there while an engine reads it would end a build. */
const cache = mkdtempSync(join(tmpdir(), "image-builder-facts-"));
const science = `${world.registry}/freeze/science:1`;
const answers = new Map<string, { readonly comparison: Comparison; readonly differs: readonly string[] }>();

async function docker(...args: string[]): Promise<string> {
  const env = { ...process.env, ...engineEnvironment(world.engine), DOCKER_BUILDKIT: "0" };
  return (await promisify(execFile)(world.engine.client, args, { env, maxBuffer: 1e8 })).stdout;
}

async function build(tag: string, dockerfile: string): Promise<void> {
  const file = join(folder, `Dockerfile.${tag.replace(/\W/g, "-")}`);
  writeFileSync(file, dockerfile);
  await docker("build", "--network=host", "--tag", tag, "--file", file, folder);
  await docker("push", tag);
}

/** By question, what a container of the image answers. */
async function ask(image: string): Promise<Map<string, string>> {
  const said = await docker("run", "--rm", "--entrypoint", "sh", image, "-c", probe);
  return new Map(said.split("\n").map((line): [string, string] => [line.split("=")[0] ?? "", line]));
}

async function read(session: Session, reference: string): Promise<ResolvableImage> {
  const placed = await placedImage(await session.asking(), reference);
  if (!placed) throw new Error(`${reference} is not there`);
  const { layers } = await obtainFacts(placed.registry, placed.repository, placed.image, createFactsCache(cache));
  return { facts: await mergeFacts(layers, 1e9), config: placed.image.config };
}

/** Some side by side, since most of the time is an engine's. */
async function each(work: (one: FreezeCase, at: number) => Promise<void>): Promise<void> {
  const left = [...cases.entries()];
  const worker = async (): Promise<void> => {
    for (let next = left.shift(); next; next = left.shift()) await work(next[1], next[0]);
  };
  await Promise.all([worker(), worker(), worker()]);
}

beforeAll(async () => {
  mkdirSync(join(folder, "jup/numpy"), { recursive: true });
  writeFileSync(join(folder, "jup/numpy/__init__.py"), '__version__ = "9.9.9"\n');
  for (const [name, version] of [
    ["numpy", "1.26.4"],
    ["new", "1.0"],
  ] as const) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, `${name}-${version}-py3-none-any.whl`), wheel(name, version));
  }
  await build(science, scienceDockerfile);
  const before = await ask(science);
  await withSession({ directory: folder, environment: process.env }, async (session) => {
    const base = await read(session, science);
    await each(async ({ name, fragment }, at) => {
      const tag = `${world.registry}/freeze/case:${at}`;
      await build(tag, `FROM ${science} AS science\nFROM ${science}\n${fragment}\n`);
      const after = await ask(tag);
      const differs = [...before].flatMap(([question, line]) => (after.get(question) === line ? [] : [question]));
      answers.set(name, { comparison: compareImages(base, await read(session, tag)), differs });
    });
  });
}, 1_200_000);

afterAll(() => {
  for (const each of [folder, cache]) rmSync(each, { recursive: true, force: true });
});

const answerOf = (name: string) => {
  const answer = answers.get(name);
  if (!answer) throw new Error(`nothing is known of ${name}`);
  return answer;
};

const origins = { ofLayer: (layer: number) => `layer ${layer}`, ofVariable: () => undefined };

/** What a person is told. */
const lines = (name: string): string[] =>
  examine(
    answerOf(name).comparison,
    { mode: "warn", mayChange: {}, science: "science", scienceTests: [], tests: "off" },
    { origins, science: "science", layers: 3 },
  ).findings.map(({ says }) => says);

describe("an interface layer that changes nothing for users", () => {
  it.each(harmless)("is no alarm: $name", ({ name, verdict, differs: expected }) => {
    const { comparison, differs } = answerOf(name);
    expect([differs, comparison.outcome, comparison.attributes]).toEqual([expected, verdict, []]);
  });
});

describe("an interface layer that changes what users get", () => {
  it.each(harmful)("is told: $name", ({ name, verdict, differs: expected }) => {
    const { comparison, differs } = answerOf(name);
    expect([differs, comparison.outcome]).toEqual([expected, verdict]);
  });

  it.each([
    [
      "PYTHONPATH",
      '`import numpy` in sh -c, a login shell, kernel "Python 3", /opt/sci/bin/python3 and /usr/bin/python3 was 1.24.2 (science), is 9.9.9 from layer 3',
    ],
    ["profile.d sets PYTHONPATH", "`import numpy` in a login shell was 1.24.2 (science), is 9.9.9 from layer 3"],
    [
      "a package in R's local library",
      "`library(rlang)` in a login shell and R was 1.0.6 (science), is 9.9.9 from layer 3",
    ],
    [
      "a wrapper of R",
      'the command R in sh -c, a login shell and kernel "Python 3" was /usr/bin/R (science), is /usr/local/bin/R from layer 3',
    ],
    ["fonts are removed", "6 files in /usr/share/fonts/truetype/dejavu (science) are gone"],
    [
      "ld.so.preload",
      '/usr/lib/x86_64-linux-gnu/libgslcblas.so.0, which every process loads, in sh -c, a login shell and kernel "Python 3" is /usr/lib/x86_64-linux-gnu/libgslcblas.so.0',
    ],
  ])("says what: %s", (name, sentence) => {
    expect(lines(name)).toContain(sentence);
  });
});

describe("owners and modes", () => {
  it.each(attributes)("are told in one line a kind: $name", ({ name, verdict, attribute }) => {
    const { comparison, differs } = answerOf(name);
    expect([differs, comparison.outcome]).toEqual([[], verdict]);
    expect(comparison.attributes.map(({ kind, path }) => [kind, path])).toEqual([attribute]);
  });
});
