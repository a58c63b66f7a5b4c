import { join } from "node:path";
import { openCacheFolder } from "../disk/cache-folder.ts";
import { type Digest, digestHex } from "../oci/digest.ts";
import type { LayerFacts } from "./model.ts";
import { factLimits, factsVersion, readFacts, writeFacts } from "./serialize.ts";

/** Facts of layers that were read before. A cache never fails: what it cannot do it leaves undone. */
export interface FactsCache {
  get(diffId: Digest): Promise<LayerFacts | undefined>;
  put(facts: LayerFacts): Promise<void>;
}

/** One file per layer, in the folder `facts` of a cache directory. */
export function createFactsCache(directory: string): FactsCache {
  const folder = openCacheFolder(join(directory, "facts"), room);
  const nameOf = (diffId: Digest): string => `${digestHex(diffId)}.v${factsVersion}.gz`;
  return {
    async get(diffId) {
      const layers = await folder.read(nameOf(diffId), readFacts);
      return layers?.find((each) => each.diffId === diffId);
    },
    async put(facts) {
      const bytes = await writeFacts([facts]);
      if (bytes.length <= factLimits.compressed) await folder.write(nameOf(facts.diffId), bytes);
    },
  };
}

/** Bytes that all kept facts together may have. */
const room = 2 * 1024 * 1024 * 1024;
