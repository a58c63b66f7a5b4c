import type { IndexCache } from "../../../files/cache.ts";
import { attachIndex } from "../../../files/referrer.ts";
import { parseReferenceOrThrow } from "../../../oci/reference.ts";
import type { Registries, Registry } from "../../../registry/model.ts";
import type { Task } from "../../model.ts";
import type { UnattachedIndex } from "../evaluate/stage-state.ts";
import type { FinishedImage } from "./finish-image.ts";

interface AttachOptions {
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
  await told(task, async () => {
    const index = await image.index();
    await cache.put(index);
    await attachIndex(destination ?? registries.registryFor(host), repository, image.manifest.descriptor, index);
  });
}

/**
 * Attaches an index to the base that it was made of, so that its layers are not read again on another machine: for images
 * that another engine has built. Only beside the image that is published; nobody else's repositories are written to.
 */
export async function attachToBase(
  { host, repository, subject, index }: UnattachedIndex,
  published: string,
  registries: Registries,
  task: Task,
): Promise<void> {
  const own = parseReferenceOrThrow(published);
  const prefix = own.repository.split("/").slice(0, -2).join("/");
  const isOurs = own.registry === host && prefix !== "" && repository.startsWith(`${prefix}/`);
  if (isOurs) await told(task, () => attachIndex(registries.registryFor(host), repository, subject, index));
}

async function told(task: Task, attach: () => Promise<unknown>): Promise<void> {
  try {
    await attach();
  } catch (cause) {
    task.signal.throwIfAborted();
    const why = cause instanceof Error ? cause.message : String(cause);
    task.log.write(`the index of the files was not attached: ${why}\n`);
  }
}
