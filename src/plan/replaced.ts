import { recipeNames } from "../catalogue/list.ts";
import type { CompatLayer } from "../catalogue/model.ts";
import type { ChangeSet } from "../changes/model.ts";
import { matcherOf } from "../dockerfile/ignore.ts";
import type { ReplacedFile } from "./model.ts";

/** Files of the stack that a higher layer replaces (B24), in the order of the stack. */
export function replacedFiles(
  stack: readonly CompatLayer[],
  { untracked }: Pick<ChangeSet, "untracked">,
): ReplacedFile[] {
  const owner = new Map<string, string>();
  const replaced: ReplacedFile[] = [];
  for (const layer of stack) {
    for (const file of sentFiles(layer, untracked)) {
      const of = owner.get(file);
      if (of !== undefined) replaced.push({ file, by: layer.name, of });
      owner.set(file, layer.name);
    }
  }
  return replaced;
}

/** Paths of a layer's files that become part of the build context. */
function sentFiles(layer: CompatLayer, untracked: readonly string[]): string[] {
  const left = untracked.filter(
    (each) => each.startsWith(`${layer.directory}/`) || layer.directory.startsWith(each.replace(/\/$/, "")),
  );
  const isLeft = (path: string): boolean =>
    left.some((each) => path === each || (each.endsWith("/") && path.startsWith(each)));
  const matcher = layer.ignore && matcherOf(layer.ignore);
  return layer.files
    .map(({ path }) => path)
    .filter((path) => !recipeNames.has(path) && !isLeft(`${layer.directory}/${path}`) && !matcher?.matches(path));
}
