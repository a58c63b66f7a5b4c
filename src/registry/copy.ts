import { Readable } from "node:stream";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Registry } from "./model.ts";

/** A repository of a registry. */
export interface RegistryPlace {
  readonly registry: Registry;
  readonly repository: string;
}

/**
 * Brings a blob from one place to another: within a registry by mounting it, otherwise by streaming it unless it is
 * there already. Says which it was; only `streamed` has moved its bytes.
 */
export async function copyBlob(
  blob: Descriptor,
  from: RegistryPlace,
  to: RegistryPlace,
): Promise<"present" | "mounted" | "streamed"> {
  if (from.registry === to.registry && from.repository === to.repository) return "present";
  if (
    from.registry === to.registry &&
    (await to.registry.repository(to.repository).blobs.mount(blob.digest, from.repository))
  ) {
    return "mounted";
  }
  if (from.registry !== to.registry && (await to.registry.repository(to.repository).blobs.head(blob.digest)))
    return "present";
  await to.registry
    .repository(to.repository)
    .blobs.put(blob, () => Readable.from(download(blob, from), { objectMode: false }));
  return "streamed";
}

async function* download(blob: Descriptor, { registry, repository }: RegistryPlace): AsyncGenerator<Buffer> {
  yield* (await registry.repository(repository).blobs.get(blob)) as AsyncIterable<Buffer>;
}
