import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { PlanRequest } from "../run/plan.ts";
import type { Call } from "./command.ts";
import { usageError } from "./usage.ts";

/** The document that `--plan` names; undefined without it. */
export async function savedPlan({ values, world }: Call): Promise<PlanRequest["saved"]> {
  const name = values.text("plan");
  if (name === undefined) return undefined;
  const path = resolve(world.directory, name);
  try {
    return { name, text: await readFile(path, "utf8") };
  } catch (cause) {
    const help = "make one with image-builder plan --format json --output FILE";
    throw usageError(`--plan names ${path}, which cannot be read (${(cause as NodeJS.ErrnoException).code})`, help);
  }
}
