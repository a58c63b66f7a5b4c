import { error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { Digest } from "../oci/digest.ts";
import { manifestTarget, parseReferenceOrThrow } from "../oci/reference.ts";
import type { ManifestContent, Registries, Registry } from "../registry/model.ts";

/** One tag in one repository. */
export interface TagPlace {
  readonly registry: Registry;
  readonly repository: string;
  readonly tag: string;
}

export function tagPlace(registries: Registries, reference: string): TagPlace {
  const parsed = parseReferenceOrThrow(reference);
  return {
    registry: registries.registryFor(parsed.registry),
    repository: parsed.repository,
    tag: manifestTarget(parsed),
  };
}

/** Undefined when there is no such tag. */
export const digestOf = async ({ registry, repository, tag }: TagPlace): Promise<Digest | undefined> =>
  (await registry.repository(repository).manifests.head(tag))?.digest;

/** Puts the very bytes of a manifest of the same repository under the tag: one digest, no blob is sent. */
export async function pointTag({ registry, repository, tag }: TagPlace, digest: Digest): Promise<void> {
  const content = await registry.repository(repository).manifests.get(digest);
  if (!content) throw gone(`${registry.host}/${repository}@${digest}`, tag);
  await registry.repository(repository).manifests.put(tag, content.descriptor.mediaType, content.bytes);
}

/**
 * Takes a tag away and leaves what it pointed to, which other tags name as well. Few registries delete a tag: on the others it
 * is moved to a copy of the manifest that differs in a line end, and the copy is deleted. False when that is not allowed
 * either; the tag is then as before.
 */
export async function removeTag(place: TagPlace): Promise<boolean> {
  const { registry, repository, tag } = place;
  const content = await registry.repository(repository).manifests.get(tag);
  if (!content || (await deleted(registry, repository, tag))) return true;
  const copy = await registry
    .repository(repository)
    .manifests.put(tag, content.descriptor.mediaType, withLineEnd(content));
  if ((await deleted(registry, repository, copy.digest)) && (await digestOf(place)) === undefined) return true;
  await registry.repository(repository).manifests.put(tag, content.descriptor.mediaType, content.bytes);
  return false;
}

const withLineEnd = ({ bytes }: ManifestContent): Buffer => Buffer.concat([bytes, Buffer.from("\n")]);

async function deleted(registry: Registry, repository: string, target: string): Promise<boolean> {
  try {
    return await registry.repository(repository).manifests.delete(target);
  } catch (cause) {
    if (cause instanceof FailedError) return false;
    throw cause;
  }
}

const gone = (reference: string, tag: string): FailedError =>
  new FailedError([
    error("image-gone", `${reference} is not in the registry any more, and "${tag}" was to point to it`),
  ]);
