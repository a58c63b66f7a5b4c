import { parseUniqueTag } from "../catalogue/tags.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { formatReference, parseReference, type Reference } from "../oci/reference.ts";

/** An image that is to be verified, and where its science has to lie. */
export interface Subject {
  readonly reference: Reference;
  /** What stands before `/rel/`: `registry.example.org/images`. */
  readonly prefix: string;
  /** What stands behind it. */
  readonly image: string;
}

/**
 * Reads the name of a final image: `nist-basic:1.0`, `rel/nist-basic:1.0` (both below `repo`), or a whole reference.
 * Throws `RefusedError` for what names no final image.
 */
export function subjectOf(name: string, repo: string): Subject {
  const inRepo = /^(?:rel\/)?([^/]+)$/.exec(name);
  const reference = parseReference(inRepo ? `${repo}/rel/${inRepo[1]}` : name);
  const found = reference && splitRelease(reference);
  if (!found) throw new RefusedError([notFinal(name, reference)]);
  return found;
}

/** Undefined when the repository is not one of final images. */
export function splitRelease(reference: Reference): Subject | undefined {
  const found = /^(?:(?<path>.+)\/)?rel\/(?<image>[^/]+)$/.exec(reference.repository)?.groups;
  if (found?.image === undefined) return undefined;
  const prefix = found.path === undefined ? reference.registry : `${reference.registry}/${found.path}`;
  return { reference, prefix, image: found.image };
}

/** The target of a reference to a science image below one of these prefixes; undefined for any other. */
export function scienceTarget(reference: Reference, prefixes: readonly string[]): string | undefined {
  const repository = `${reference.registry}/${reference.repository}`;
  const prefix = prefixes.find((each) => repository.startsWith(`${each}/sci/`));
  const target = prefix === undefined ? "" : repository.slice(`${prefix}/sci/`.length);
  return target === "" || target.includes("/") ? undefined : target;
}

/** Tags of what is attached to images, by the registry's fallback for referrers and by cosign. */
export const isAttachmentTag = (tag: string): boolean => /^sha256-[0-9a-f]{64}(?:\.[a-z]+)?$/.test(tag);

/** `1.0`, as users name it, and not `1.0-42-f90dbd6`. */
export const isStableTag = (tag: string): boolean => !isAttachmentTag(tag) && parseUniqueTag(tag) === undefined;

export const inFull = ({ reference }: Subject): string => formatReference(reference);

const notFinal = (name: string, reference: Reference | undefined) =>
  error(
    reference ? "not-a-final-image" : "bad-reference",
    reference
      ? `${JSON.stringify(name)} is not below rel/, and only final images stand on a science image that can be proven`
      : `${JSON.stringify(name)} is not the name of an image`,
    { help: "write IMAGE:VERSION, or REGISTRY/PATH/rel/IMAGE:VERSION" },
  );
