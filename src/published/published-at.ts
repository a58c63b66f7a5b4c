import { resolvesAnnotation, standardLabel } from "../naming/labels.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Repository } from "../registry/model.ts";
import { type FreezeVerdict, outcomes } from "../resolve/model.ts";
import { worst } from "../resolve/outcome.ts";

/** Names the form of the statement that a publish attaches; another form gets another number. */
export const verdictType = "https://sciserver.org/image-builder/verdict/v1";

/** What the statements attached to an image say without being read. */
export interface StatedImage {
  /** When it was first published, in RFC 3339: its own time may be that of its commit (B54). */
  readonly at?: string;
  /** What users of its science image find in it (B42). */
  readonly resolves?: FreezeVerdict;
}

/** One or two requests. Throws `FailedError`. */
export async function statedOf({ listings }: Repository, digest: Digest): Promise<StatedImage> {
  const verdicts = (await listings.referrers(digest)).filter(isVerdict);
  const [at] = verdicts.flatMap(timeOf).sort();
  const said = verdicts.flatMap(({ annotations }) =>
    outcomes.filter((each) => each === annotations?.[resolvesAnnotation]),
  );
  return { ...(at !== undefined && { at }), ...(said.length > 0 && { resolves: worst(said) }) };
}

/** When an image was first published; undefined where nothing was attached. */
export const publishedAt = async (repository: Repository, digest: Digest): Promise<string | undefined> =>
  (await statedOf(repository, digest)).at;

const isVerdict = ({ annotations = {} }: Descriptor): boolean =>
  annotations["in-toto.io/predicate-type"] === verdictType ||
  annotations["dev.sigstore.bundle.predicateType"] === verdictType;

function timeOf({ annotations }: Descriptor): string[] {
  const time = Date.parse(annotations?.[standardLabel("created")] ?? "");
  return Number.isNaN(time) ? [] : [new Date(time).toISOString()];
}
