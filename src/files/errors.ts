import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";

export const badIndex = (why: string): FailedError =>
  new FailedError([
    error("bad-file-index", `the index of the base image's files cannot be read: ${why}`, {
      help: "delete the folder image-builder/files in the cache directory; the index is made again from the layers",
    }),
  ]);

/** `why` follows "it": "ends within a header". `inLayer` says which layer it is. */
export const badLayer = (why: string): FailedError => new FailedError([error("bad-layer", `it ${why}`)]);

/** Which layer of which image: `layer 2 of 5 of docker.io/library/debian:12 (sha256:…)`. `at` counts from 0. */
export const layerName = (image: string, at: number, count: number, digest: string): string =>
  `layer ${at + 1} of ${count} of ${image} (${digest})`;

/**
 * What went wrong while a layer was read, with the name of the layer. Being interrupted is not the layer's fault, nor is what the
 * operating system refuses.
 */
export function inLayer(name: string, cause: unknown, signal?: AbortSignal): unknown {
  if (signal?.aborted || (cause instanceof Error && "syscall" in cause)) return cause;
  if (cause instanceof FailedError)
    return new FailedError(
      cause.diagnostics.map((each) => ({ ...each, message: `${name} cannot be read: ${each.message}` })),
      { cause },
    );
  const why = cause instanceof Error ? cause.message : String(cause);
  return new FailedError([error("bad-layer", `${name} cannot be read: ${why}`)], { cause });
}
