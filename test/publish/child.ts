/** Publishes as a process that can be killed: `node child.ts FOLDER HOST`, the images being there by their unique tags. */

import type { BuildResult } from "../../src/engines/run-model.ts";
import { sha256Digest } from "../../src/oci/digest.ts";
import type { PlannedBuild } from "../../src/plan/model.ts";
import { publishStable } from "../../src/publish/publish-stable.ts";
import { resumeRuns } from "../../src/publish/resume.ts";
import { digestOf, tagPlace } from "../../src/publish/tags.ts";
import { createRegistries } from "../../src/registry/registries.ts";
import { plan as makePlan } from "../compose/world.ts";
import { imagesPlan } from "./images-plan.ts";

const [folder = "", host = "", run = "", images = ""] = process.argv.slice(2);
const plan = { ...makePlan(...imagesPlan(host, Number(images))), repo: `${host}/kill` };
const registries = createRegistries({ environment: {} });
const options = { registries, folder, signal: new AbortController().signal };
const digest = (reference: string) => digestOf(tagPlace(registries, reference));

await resumeRuns(options, plan.repo);
const stable = new Map(
  await Promise.all(plan.builds.map(async ({ tags }) => [tags[1], await digest(tags[1])] as const)),
);
const seen = new Map([...stable].flatMap(([tag, each]) => (each ? [[tag, each] as const] : [])));
const results = await Promise.all(plan.builds.map(resultOf));
process.stdout.write("moving\n");
await publishStable(plan, results, { stable: seen }, { ...options, run, started: run, keepGoing: false });
await registries.close();

async function resultOf({ id, tags }: PlannedBuild): Promise<BuildResult> {
  const manifest = await digest(tags[0]);
  if (!manifest) throw new Error(`${tags[0]} is not there`);
  const image = { id, reference: tags[0], config: sha256Digest(id), manifest };
  return { id, outcome: "done", image, seconds: 0, log: "" };
}
