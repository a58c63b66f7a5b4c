import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";

export const badIndex = (why: string): FailedError =>
  new FailedError([
    error("bad-file-index", `the index of the base image's files cannot be read: ${why}`, {
      help: "delete the folder image-builder/files in the cache directory; the index is made again from the layers",
    }),
  ]);

export const badLayer = (why: string, help?: string): FailedError =>
  new FailedError([error("bad-layer", `a layer of the base image ${why}`, help === undefined ? {} : { help })]);
