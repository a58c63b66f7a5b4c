import type { Catalogue } from "../catalogue/model.ts";
import { foldersOf } from "../catalogue/read-folders.ts";
import type { ChangeSet } from "../changes/model.ts";
import { compatInputs, scienceInputs } from "../compose/inputs.ts";
import { readContexts } from "../engines/context.ts";
import type { TodaysInputs } from "../judge/model.ts";
import { layerKey } from "../naming/build-id.ts";
import { stacksOf } from "../plan/stacks.ts";

/** Digests of all definitions as HEAD has them, and as the working tree has what is not committed. Throws `RefusedError` for files that no image can have. */
export async function todaysInputs(
  catalogue: Catalogue,
  files: Pick<ChangeSet, "committed" | "files">,
  signal?: AbortSignal,
): Promise<TodaysInputs> {
  const directories = [...catalogue.science, ...catalogue.compat].flatMap(foldersOf);
  const contexts = await readContexts(catalogue.root, [...new Set(directories)], { ...files, signal });
  const stacks = stacksOf(catalogue);
  const filesOf = (directory: string) => contexts[directory] ?? [];
  return {
    science: new Map(catalogue.science.map((layer) => [layerKey(layer), scienceInputs(layer, filesOf)])),
    compat: new Map(catalogue.compat.map(({ name }) => [name, compatInputs(stacks(name), filesOf)])),
  };
}
