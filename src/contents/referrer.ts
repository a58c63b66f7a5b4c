import type { FileIndex } from "../files/index.ts";
import { mostText } from "../files/limits.ts";
import { attachIndex, fileReferrers } from "../files/referrer.ts";
import type { Descriptor } from "../oci/descriptor.ts";
import type { Digest } from "../oci/digest.ts";
import { readBlob } from "../registry/image.ts";
import type { Registry } from "../registry/model.ts";
import type { LayerFacts } from "./model.ts";
import { factLimits, factsVersion, readFacts, writeFacts } from "./serialize.ts";

/** Facts stand as a second layer in the manifest that carries the index of an image's files. */
const factsMediaType = `application/vnd.image-builder.facts.v${factsVersion}+gzip`;

/** Attaches the index of an image's files with the facts of its layers. The same attached again changes nothing. */
export async function attachFacts(
  registry: Registry,
  repository: string,
  subject: Descriptor,
  { index, facts }: { readonly index: FileIndex; readonly facts: readonly LayerFacts[] },
): Promise<void> {
  const bytes = await writeFacts(facts);
  const fits = facts.length > 0 && bytes.length <= factLimits.compressed;
  await attachIndex(registry, repository, subject, index, fits ? [{ mediaType: factsMediaType, bytes }] : []);
}

/**
 * What is attached to an image of the facts of these layers; none where nothing is attached that can be read. `compressed`: bytes of
 * the layers as they are stored, which bound what may be said of them.
 */
export async function fetchFacts(
  registry: Registry,
  repository: string,
  subject: Digest,
  wanted: readonly Digest[],
  compressed: number,
): Promise<ReadonlyMap<Digest, LayerFacts>> {
  // A line of facts is about twice that of an index, and what was learned comes on top.
  const most = Math.min(factLimits.text, 4 * mostText(compressed));
  const found = new Map<Digest, LayerFacts>();
  for await (const manifest of fileReferrers(registry, repository, subject)) {
    const blob = manifest.layers.find(({ mediaType }) => mediaType === factsMediaType);
    if (!blob) continue;
    const bytes = await readBlob(registry.repository(repository), blob, factLimits.compressed);
    for (const facts of await readFacts(bytes, most).catch(() => [])) {
      if (wanted.includes(facts.diffId)) found.set(facts.diffId, facts);
    }
    if (wanted.every((diffId) => found.has(diffId))) break;
  }
  return found;
}
