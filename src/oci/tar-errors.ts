import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";

export const brokenTar = (why: string): FailedError =>
  new FailedError([error("bad-archive", `the archive is broken: ${why}`)]);
