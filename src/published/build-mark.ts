import { standardLabel } from "../naming/labels.ts";
import { type Digest, sha256Digest } from "../oci/digest.ts";
import { type Breadcrumbs, baseDigest, baseScience, ownCrumb } from "./crumbs.ts";
import type { KnownImage, NamedImage } from "./image.ts";

/** A build as its tag and its labels tell it. */
export interface BuildMark {
  readonly digest: Digest;
  /** The unique tag. */
  readonly tag?: string | undefined;
  /** Digest of the definition of its topmost layer. */
  readonly inputs?: Digest | undefined;
}

export function buildMark({ reference, digest, crumbs }: KnownImage): BuildMark {
  const own = ownCrumb(reference, crumbs);
  return {
    digest,
    ...(own !== undefined && { tag: own.tag }),
    ...(own?.inputs !== undefined && { inputs: own.inputs }),
  };
}

/**
 * The commit that an image was built from: the whole hash where it says one, else as its unique tag abbreviates it; undefined
 * for an image that says neither. The standard label alone proves nothing: a base hands its own on to what is built on it.
 */
export function commitOf({ reference, crumbs, labels }: NamedImage): string | undefined {
  const short = ownCrumb(reference, crumbs)?.stamp.commit;
  const revision = labels[standardLabel("revision")];
  return short !== undefined && revision?.startsWith(short) && /^[0-9a-f]{40,64}$/.test(revision) ? revision : short;
}

/**
 * Everything that decided what an image is made of, as one text to compare: the definitions of its layers from the lowest to the
 * highest, and the digest of the external image below them (B37). Undefined where the labels do not tell all of it.
 */
export function chainOf({ science, compat }: Breadcrumbs): string | undefined {
  const crumbs = compat ? [...science, compat] : science;
  const [lowest] = crumbs;
  if (lowest === undefined || crumbs.some(({ inputs }) => inputs === undefined)) return undefined;
  const isExternal = lowest.base !== undefined && baseScience(lowest) === undefined;
  const base = isExternal ? baseDigest(lowest) : "scratch";
  return (
    base &&
    crumbs.reduce((below, { kind, name, inputs = "" }) => chainOn(below, kind === "compat" ? "" : name, inputs), base)
  );
}

/** The same as a digest, to be kept. */
export const chainDigest = (crumbs: Breadcrumbs): Digest | undefined => {
  const chain = chainOf(crumbs);
  return chain === undefined ? undefined : sha256Digest(chain);
};

/** A layer on what is below it, which at first is the digest of the external image, or `scratch`. `name`: "" for the interface. */
export const chainOn = (below: string, name: string, inputs: string): string => `${below}\n${name} ${inputs}`;
