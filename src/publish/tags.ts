import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { Digest } from "../oci/digest.ts";
import { parseReferenceOrThrow } from "../oci/reference.ts";
import { type Location, locate } from "../registry/location.ts";
import type { ManifestContent, Registries, Repository } from "../registry/model.ts";

/** Throws for what is no reference. */
export const tagPlace = (registries: Registries, reference: string): Location =>
  locate(registries, parseReferenceOrThrow(reference));

/** Undefined when there is no such tag. */
export const digestOf = async ({ repository, target }: Location): Promise<Digest | undefined> =>
  (await repository.manifests.head(target))?.digest;

/** Puts the very bytes of a manifest of the same repository under the tag: one digest, no blob is sent. */
export async function pointTag({ repository, target: tag }: Location, digest: Digest): Promise<void> {
  const content = await repository.manifests.get(digest);
  if (!content) throw gone(`${repository.host}/${repository.path}@${digest}`, tag);
  await repository.manifests.put(tag, content.descriptor.mediaType, content.bytes);
}

/**
 * Takes a tag away and leaves what it pointed to, which other tags name as well. Few registries delete a tag: on the others it
 * is moved to a copy of the manifest that differs in a line end, and the copy is deleted. False when that is not allowed
 * either; the tag is then as before.
 */
export async function removeTag(place: Location): Promise<boolean> {
  const { repository, target: tag } = place;
  const content = await repository.manifests.get(tag);
  if (!content || (await isRemoved(place, tag))) return true;
  const copy = await repository.manifests.put(tag, content.descriptor.mediaType, withLineEnd(content));
  if (await isRemoved(place, copy.digest)) return true;
  await repository.manifests.put(tag, content.descriptor.mediaType, content.bytes);
  return false;
}

const withLineEnd = ({ bytes }: ManifestContent): Buffer => Buffer.concat([bytes, Buffer.from("\n")]);

/** A registry may say that it deletes what it keeps. */
const isRemoved = async (place: Location, target: string): Promise<boolean> =>
  (await deleted(place.repository, target)) && (await digestOf(place)) === undefined;

async function deleted({ manifests }: Repository, target: string): Promise<boolean> {
  try {
    return await manifests.delete(target);
  } catch (cause) {
    if (cause instanceof FailedError) return false;
    throw cause;
  }
}

const gone = (reference: string, tag: string): FailedError =>
  new FailedError([
    error("image-gone", `${reference} is not in the registry any more, and "${tag}" was to point to it`),
  ]);
