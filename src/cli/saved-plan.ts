import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Expected, readPlanDocument } from "../plan/document.ts";
import type { Plan } from "../plan/model.ts";
import { usageError } from "./usage.ts";

/** Throws `RefusedError` when it cannot be read, is no plan, or is the plan of another commit (B22). */
export async function readSavedPlan(file: string, directory: string, expected: Expected): Promise<Plan> {
  return readPlanDocument(await readText(resolve(directory, file)), file, expected);
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const help = "make one with image-builder plan --format json --output FILE";
    throw usageError(`--plan names ${path}, which cannot be read (${(cause as NodeJS.ErrnoException).code})`, help);
  }
}
