import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAssembleEngine } from "../../../src/engines/assemble/engine.ts";
import { memoryRegistries } from "../../support/memory-registry.ts";
import { type Answer, answerOf, baseName } from "./answers.ts";
import type { Case } from "./cases/model.ts";
import { flatten } from "./flatten.ts";
import { flattenImages, pushImages, withReferences } from "./images.ts";
import { makeContext, quietTask, readyBuild } from "./workshop.ts";

const host = "registry.test:5000";

export interface Replay {
  /** What the embedded engine makes of a case; `name` is of the image. */
  answer(each: Case, name: string): Promise<Answer>;
  close(): Promise<void>;
}

/** The embedded engine on a registry in memory that has the images of all cases. */
export async function openReplay(): Promise<Replay> {
  const registries = memoryRegistries();
  const registry = registries.registryFor(host);
  const scratch = await mkdtemp(join(tmpdir(), "assemble-equality-"));
  const engine = createAssembleEngine({ registries, cache: join(scratch, "cache"), temporary: scratch });
  const images = await pushImages(registry, "bases");
  const bases = await flattenImages(registry, images);
  const build = async (each: Case, reference: string): Promise<void> => {
    const workshop = await makeContext(each.files, each.ignore);
    const { args } = each;
    const dockerfile = withReferences(each.dockerfile, images);
    const ready = readyBuild(workshop, dockerfile, [reference, `${reference}-stable`], { ...(args && { args }) });
    try {
      await engine.push(await engine.build(ready, quietTask()), reference, quietTask());
    } finally {
      await workshop.remove();
    }
  };
  return {
    async answer(each, name) {
      const reference = `${host}/ours:${name}`;
      try {
        await build(each, reference);
      } catch (cause) {
        return { refused: (cause as Error).message };
      }
      return JSON.parse(JSON.stringify(answerOf(await flatten(registry, reference), bases.get(baseName(each) ?? ""))));
    },
    async close() {
      await engine.close();
      await rm(scratch, { recursive: true, force: true });
    },
  };
}
