import { attachFacts } from "../../../contents/referrer.ts";
import type { IndexCache } from "../../../files/cache.ts";
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
 * Attaches the index of its files and the facts of its layers to a published image, and keeps it on this machine. Whoever builds on the image can do
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
    const { descriptor } = image.manifest;
    const facts = await image.facts();
    await attachFacts(destination ?? registries.registryFor(host), repository, descriptor, { index, facts });
  });
}

/**
 * Attaches an index to the base that it was made of, so that its layers are not read again on another machine: for images
 * that another engine has built. Only beside the image that is published; nobody else's repositories are written to.
 */
export async function attachToBase(
  { host, repository, subject, index, facts }: UnattachedIndex,
  published: string,
  registries: Registries,
  task: Task,
): Promise<void> {
  const own = parseReferenceOrThrow(published);
  const prefix = own.repository.split("/").slice(0, -2).join("/");
  const isOurs = own.registry === host && prefix !== "" && repository.startsWith(`${prefix}/`);
  if (!isOurs) return;
  await told(task, async () =>
    attachFacts(registries.registryFor(host), repository, subject, { index, facts: await facts() }),
  );
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
