import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { parseLayerPath, releasePath } from "../naming/layer-name.ts";
import { parseUniqueTag } from "../naming/unique-tag.ts";
import { parseReference, type Reference } from "../oci/reference.ts";
import { isHoldTag } from "../published/hold.ts";

/** An image that is to be verified, and where its science has to lie. */
export interface Subject {
  readonly reference: Reference;
  /** What stands before `/rel/`: `registry.example.org/images`. */
  readonly prefix: string;
  /** What stands behind it. */
  readonly image: string;
  /** Its tag moves with that of a version, and is none itself. */
  readonly isFurther?: boolean;
}

/**
 * Reads the name of a final image: `nist-basic:1.0`, `rel/nist-basic:1.0` (both below `repo`), or a whole reference.
 * Throws `RefusedError` for what names no final image.
 */
export function subjectOf(name: string, repo: string): Subject {
  const own = name.startsWith(releasePath("")) ? name : releasePath(name);
  const reference = parseReference(own.split("/").length === 2 ? `${repo}/${own}` : name);
  const found = reference && splitRelease(reference);
  if (!found) throw new RefusedError([notFinal(name, reference)]);
  return found;
}

/** Undefined when the repository is not one of final images. */
export function splitRelease(reference: Reference): Subject | undefined {
  const found = parseLayerPath(`${reference.registry}/${reference.repository}`);
  return found?.kind === "rel" ? { reference, prefix: found.prefix ?? "", image: found.name } : undefined;
}

/** The target of a reference to a science image below one of these prefixes; undefined for any other. */
export function scienceTarget(reference: Reference, prefixes: readonly string[]): string | undefined {
  const found = parseLayerPath(`${reference.registry}/${reference.repository}`);
  return found?.kind === "sci" && prefixes.includes(found.prefix ?? "") ? found.name : undefined;
}

/** Tags of what is attached to images, by the registry's fallback for referrers and by cosign. */
const isAttachmentTag = (tag: string): boolean => /^sha256-[0-9a-f]{64}(?:\.[a-z]+)?$/.test(tag);

/** `1.0`, as users name it, and not `1.0-42-f90dbd6`. */
export const isStableTag = (tag: string): boolean =>
  !isAttachmentTag(tag) && !isHoldTag(tag) && parseUniqueTag(tag) === undefined;

const notFinal = (name: string, reference: Reference | undefined) =>
  error(
    reference ? "not-a-final-image" : "bad-reference",
    reference
      ? `${JSON.stringify(name)} is not below rel/, and only final images stand on a science image that can be proven`
      : `${JSON.stringify(name)} is not the name of an image`,
    { help: "write IMAGE:VERSION, or REGISTRY/PATH/rel/IMAGE:VERSION" },
  );
