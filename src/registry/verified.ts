import type { Descriptor } from "../oci/descriptor.ts";
import { createHasher } from "../oci/digest.ts";

/** Hands bytes on and throws, at the latest at their end, when they are not those of the descriptor. */
export async function* verified(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  blob: Pick<Descriptor, "digest" | "size">,
  wrong: (why: string) => Error,
): AsyncGenerator<Buffer> {
  const hasher = createHasher();
  let size = 0;
  for await (const part of source) {
    size += part.length;
    if (size > blob.size) throw wrong(`it is longer than ${blob.size} bytes`);
    hasher.update(part);
    yield part;
  }
  const { digest } = hasher.end();
  if (size !== blob.size) throw wrong(`it has ${size} of ${blob.size} bytes`);
  if (digest !== blob.digest) throw wrong(`expected ${blob.digest}, found ${digest}`);
}
