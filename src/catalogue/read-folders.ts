import type { CompatLayer, ScienceLayer, SharedFolder } from "./model.ts";

type WithFolders = Pick<ScienceLayer | CompatLayer, "directory" | "contexts">;

/** The folders that layers share and that a build of this one reads; what nothing names makes no difference (B49). */
export const usedFolders = ({ contexts = [] }: Pick<WithFolders, "contexts">): readonly SharedFolder[] =>
  contexts.filter(({ uses }) => uses.length > 0);

/** The folders that a build of a layer reads, relative to the root: its own directory first, and those that it shares; each once. */
export const foldersOf = (layer: WithFolders): readonly string[] =>
  layer.contexts === undefined
    ? [layer.directory]
    : [...new Set([layer.directory, ...usedFolders(layer).map(({ directory }) => directory)])];
