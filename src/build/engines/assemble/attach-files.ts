import type { IndexCache } from "../../../files/cache.ts";
import { attachIndex } from "../../../files/referrer.ts";
import { parseReferenceOrThrow } from "../../../oci/reference.ts";
import type { Registries, Registry } from "../../../registry/model.ts";
import type { Task } from "../../model.ts";
import type { FinishedImage } from "./finish-image.ts";

export interface AttachOptions {
  readonly registries: Registries;
  readonly destination?: Registry;
  readonly cache: IndexCache;
}

/**
 * Attaches the index of its files to a published image, and keeps it on this machine. Whoever builds on the image can do
 * without, so that a failure is only told.
 */
export async function attachFiles(
  image: FinishedImage,
  reference: string,
  { registries, destination, cache }: AttachOptions,
  task: Task,
): Promise<void> {
  const { registry: host, repository } = parseReferenceOrThrow(reference);
  try {
    const index = await image.index();
    await cache.put(index);
    await attachIndex(destination ?? registries.registryFor(host), repository, image.manifest.descriptor, index);
  } catch (cause) {
    task.signal.throwIfAborted();
    task.log.write(
      `the index of the files was not attached: ${cause instanceof Error ? cause.message : String(cause)}\n`,
    );
  }
}
