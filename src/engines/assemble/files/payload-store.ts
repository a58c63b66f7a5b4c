import type { Tree } from "./tree.ts";

/** Images that are in no registry: what an engine on this machine built for others to copy from. */
export interface PayloadStore {
  /** The files at these paths of an image, as far as there are any; undefined when the store does not have the image. */
  files(reference: string, paths: readonly string[], signal: AbortSignal): Promise<Tree | undefined>;
}
