import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { diagnosticDocument } from "../diagnostics/render-json.ts";
import { replaceFile } from "../disk/private.ts";
import { type BuildResult, imageIn } from "../engines/run-model.ts";
import type { Digest } from "../oci/digest.ts";
import type { Plan } from "../plan/model.ts";
import type { BuildWatch } from "./model.ts";
import { planDigest, type ResultDocument } from "./result-files.ts";

/** Does what a run does, and writes a file for each build as soon as it is known what became of it. */
export async function recorded<T>(
  folder: string | undefined,
  plan: Plan,
  watch: BuildWatch,
  use: (watch: BuildWatch) => Promise<T>,
): Promise<T> {
  if (folder === undefined) return use(watch);
  await mkdir(folder, { recursive: true });
  const digest = planDigest(plan);
  const ids = new Set(plan.builds.map(({ id }) => id));
  const writing: Promise<void>[] = [];
  const finished = (result: BuildResult): void => {
    if (ids.has(result.id)) writing.push(writeResult(folder, digest, result));
    watch.finished?.(result);
  };
  const watched: BuildWatch = Object.assign(Object.create(watch) as BuildWatch, { finished });
  try {
    return await use(watched);
  } finally {
    await Promise.all(writing);
  }
}

function writeResult(folder: string, plan: Digest, result: BuildResult): Promise<void> {
  const image = imageIn(result);
  const file = {
    formatVersion: 1,
    plan,
    id: result.id,
    outcome: result.outcome,
    ...(image && { reference: image.reference }),
    ...(image?.manifest && { digest: image.manifest }),
    ...("seconds" in result && { seconds: result.seconds }),
    ...("examined" in result && { examined: result.examined }),
    ...("problems" in result && { problems: result.problems.map(diagnosticDocument) }),
  } satisfies ResultDocument;
  return replaceFile(join(folder, fileName(result.id)), `${JSON.stringify(file, null, 2)}\n`);
}

/** Neither `/` nor `:` may stand in the name of an artifact of every CI system. */
const fileName = (id: string): string => `${id.replace(/[/:]/g, "_")}.json`;
