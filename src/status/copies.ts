import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { CopyStatus, ImageStatus } from "../judge/image-status.ts";
import { inCopy } from "../publish/copies.ts";
import { digestOf, tagPlace } from "../publish/tags.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";

interface CopiesWanted {
  readonly repo: string;
  readonly copies: readonly string[];
}

/** Each image-version with what the copies have under its stable tag: a request for each of them, and none where there are no copies. */
export async function withCopies(
  statuses: readonly ImageStatus[],
  { repo, copies }: CopiesWanted,
  registries: Registries,
): Promise<{ readonly statuses: readonly ImageStatus[]; readonly problems: readonly Diagnostic[] }> {
  if (copies.length === 0) return { statuses, problems: [] };
  const problems: Diagnostic[] = [];
  const silent = new Set<string>();
  const ask = async (copy: string, { reference, digest }: ImageStatus): Promise<CopyStatus> => {
    const name = inCopy(reference, repo, copy);
    if (silent.has(copy)) return { reference: name, state: "unknown" };
    try {
      const there = await digestOf(tagPlace(registries, name));
      if (there === undefined) return { reference: name, state: "absent" };
      return { reference: name, digest: there, state: there === digest ? "current" : "behind" };
    } catch (cause) {
      if (!(cause instanceof FailedError)) throw cause;
      if (!silent.has(copy)) problems.push(...cause.diagnostics);
      silent.add(copy);
      return { reference: name, state: "unknown" };
    }
  };
  const found = await mapBounded(statuses, 8, async (status): Promise<ImageStatus> => {
    if (status.digest === undefined) return status;
    const of: CopyStatus[] = [];
    for (const copy of copies) of.push(await ask(copy, status));
    return { ...status, copies: of };
  });
  return { statuses: found, problems };
}
