import type { Catalogue } from "../catalogue/model.ts";
import type { ChangeSet } from "../changes/model.ts";
import { compatInputs, scienceInputs } from "../compose/inputs.ts";
import { readContexts } from "../engines/context.ts";
import type { TodaysInputs } from "../judge/model.ts";
import { stacksOf } from "../plan/stacks.ts";

/** Digests of all definitions as the working tree has them. Throws `RefusedError` for files that no image can have. */
export async function todaysInputs(
  catalogue: Catalogue,
  { untracked }: Pick<ChangeSet, "untracked">,
  signal?: AbortSignal,
): Promise<TodaysInputs> {
  const directories = [...catalogue.science, ...catalogue.compat].map((each) => each.directory);
  const contexts = await readContexts(catalogue.root, directories, { untracked, ...(signal && { signal }) });
  const stacks = stacksOf(catalogue);
  const filesOf = ({ directory }: { readonly directory: string }) => contexts[directory] ?? [];
  return {
    science: new Map(catalogue.science.map((layer) => [layer.target, scienceInputs(layer, filesOf(layer))])),
    compat: new Map(catalogue.compat.map(({ name }) => [name, compatInputs(stacks(name), filesOf)])),
  };
}
