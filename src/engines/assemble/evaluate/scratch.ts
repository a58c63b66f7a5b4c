import { emptyIndex } from "../../../files/index.ts";
import { imagePlatform } from "../../../oci/platform.ts";
import { MemoryTree } from "../files/memory-tree.ts";
import type { BaseImage } from "./stage-state.ts";

/** The empty image. */
export const scratch: BaseImage = {
  config: {
    architecture: imagePlatform.architecture,
    os: imagePlatform.os,
    config: { WorkingDir: "/" },
    rootfs: { type: "layers", diff_ids: [] },
  },
  family: "oci",
  layers: [],
  index: () => Promise.resolve(emptyIndex()),
  facts: () => Promise.resolve([]),
  files: () => Promise.resolve({ tree: new MemoryTree(), accounts: {} }),
};
