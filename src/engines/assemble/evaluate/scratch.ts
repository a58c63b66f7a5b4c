import { emptyIndex } from "../../../files/index.ts";
import { MemoryTree } from "../files/memory-tree.ts";
import type { BaseImage } from "./stage-state.ts";

/** The empty image. */
export const scratch: BaseImage = {
  config: { architecture: "amd64", os: "linux", config: { WorkingDir: "/" }, rootfs: { type: "layers", diff_ids: [] } },
  family: "oci",
  layers: [],
  index: () => Promise.resolve(emptyIndex()),
  files: () => Promise.resolve({ tree: new MemoryTree(), accounts: {} }),
};
