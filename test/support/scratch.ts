import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    /** A folder for what the files of tests share in one run. */
    scratch: string;
  }
}

export default function setup({ provide }: Pick<TestProject, "provide">): () => void {
  const folder = mkdtempSync(join(tmpdir(), "image-builder-tests-"));
  provide("scratch", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
