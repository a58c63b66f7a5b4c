import { standardLabel } from "../naming/labels.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import type { Repository } from "../registry/model.ts";

/** Names the form of the statement that a publish attaches; another form gets another number. */
export const verdictType = "https://sciserver.org/image-builder/verdict/v1";

/**
 * When an image was first published, in RFC 3339, as the statements attached to it say: its own time may be that of its commit (B54).
 * One or two requests. Undefined where nothing was attached. Throws `FailedError`.
 */
export async function publishedAt({ listings }: Repository, digest: Digest): Promise<string | undefined> {
  const times = (await listings.referrers(digest)).filter(isVerdict).flatMap(timeOf);
  return times.sort()[0];
}

const isVerdict = ({ annotations = {} }: Descriptor): boolean =>
  annotations["in-toto.io/predicate-type"] === verdictType ||
  annotations["dev.sigstore.bundle.predicateType"] === verdictType;

function timeOf({ annotations }: Descriptor): string[] {
  const time = Date.parse(annotations?.[standardLabel("created")] ?? "");
  return Number.isNaN(time) ? [] : [new Date(time).toISOString()];
}
