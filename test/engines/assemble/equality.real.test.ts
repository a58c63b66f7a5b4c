import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRegistries } from "../../../src/registry/registries.ts";
import { roundsOf } from "../../rounds/world.ts";
import { testWorld } from "../../support/world.ts";
import { type Answer, answerOf, baseName, caseKey, recordedAnswers, writeAnswers } from "./answers.ts";
import { askBuildKit } from "./ask-buildkit.ts";
import { cases } from "./cases/index.ts";
import type { Case } from "./cases/model.ts";
import { type FlatImage, flatten } from "./flatten.ts";
import { flattenImages, pushImages, withReferences } from "./images.ts";
import { makeContext } from "./workshop.ts";

/** `test/record-answers` sets it: `new` asks for what is not recorded yet, `all` for everything. Otherwise answers are compared. */
const record = process.env["IMAGE_BUILDER_RECORD"];
const world = testWorld();
const registries = createRegistries();
const registry = registries.registryFor(world.registry);
const prefix = `assemble-equality-${process.pid}`;
const recorded = recordedAnswers();
const answers = new Map(Object.entries(recorded));
let bases: ReadonlyMap<string, FlatImage>;
let images: ReadonlyMap<string, string>;
let scratch: string;

/** Compared is every tenth, unless everything is asked for: BuildKit takes a minute for a hundred of them. */
const isWanted = (each: Case & { readonly at: number }): boolean => {
  if (record === undefined) return each.at % Math.ceil(cases.length / roundsOf(cases.length)) === 0;
  return record !== "new" || recorded[each.title]?.of !== caseKey(each);
};

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "assemble-equality-"));
  images = await pushImages(registry, prefix);
  bases = await flattenImages(registry, images);
});

afterAll(async () => {
  await registries.close();
  await rm(scratch, { recursive: true, force: true });
  if (record !== undefined) save();
});

const save = (): void =>
  writeAnswers(
    Object.fromEntries(cases.flatMap(({ title }) => (answers.has(title) ? [[title, answers.get(title)]] : [])) as []),
  );

describe("the recorded answer is what BuildKit makes of a Dockerfile", () => {
  const wanted = cases.map((each, at) => ({ ...each, at })).filter(isWanted);
  it.concurrent.each(wanted)("$title", async (each) => {
    const answer = await answered(each, `${world.registry}/${prefix}/theirs:case-${each.at}`);
    if (record !== undefined) {
      answers.set(each.title, { of: caseKey(each), ...answer });
      if (answers.size % 10 === 0) save();
      return;
    }
    const { of, ...known } = recorded[each.title] ?? { of: "" };
    expect(of, "run test/record-answers").toBe(caseKey(each));
    expect(Object.keys(answer)).toEqual(Object.keys(known));
    if (!("refused" in answer)) expect(answer).toEqual(known);
  });
});

async function answered({ ignore, args, ...each }: Case, reference: string): Promise<Answer> {
  const workshop = await makeContext(each.files);
  const dockerfile = withReferences(each.dockerfile, images);
  const more = { ...(ignore !== undefined && { ignore }), ...(args && { args }) };
  try {
    await askBuildKit(world, { dockerfile, workshop, reference, scratch, ...more });
  } catch (cause) {
    return { refused: reasonIn(cause as { readonly stderr?: string }) };
  } finally {
    await workshop.remove();
  }
  return JSON.parse(JSON.stringify(answerOf(await flatten(registry, reference), bases.get(baseName(each) ?? ""))));
}

/** What BuildKit says last, without what is of this machine and moment. */
function reasonIn({ stderr = "" }: { readonly stderr?: string }): string {
  const [, reason] = /^ERROR: (.*)/m.exec(stderr) ?? [];
  if (reason === undefined || /no space|connection/.test(reason)) throw new Error(stderr);
  return reason
    .replaceAll(`${world.registry}/${prefix}/`, "")
    .replace(/failed to compute cache key: |failed to calculate checksum of ref \S+|failed to solve: /g, "")
    .slice(0, 160);
}
