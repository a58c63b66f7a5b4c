import type { ScienceLayer } from "../catalogue/model.ts";
import type { Crumb } from "../published/crumbs.ts";
import { topScience } from "../published/crumbs.ts";
import type { KnownImage } from "../published/image.ts";
import { current, different } from "./judge.ts";
import type { Judgement } from "./model.ts";
import type { ImageVersion } from "./orphans.ts";

/**
 * Whether a stable tag holds a build of what it is named after: a tag moved by hand may hold another image-version, of which
 * all labels are in order.
 */
export function judgeName({ reference, crumbs }: KnownImage, { image, version }: ImageVersion): Judgement {
  const { compat } = crumbs;
  if (compat === undefined || (compat.name === image && compat.stamp.version === version)) return current;
  return different(`${reference} holds a build of ${compat.name} ${compat.stamp.version}`);
}

/** Whether an interface stands on the final layer of its image-version, and not on one that has been, or is to be, that. */
export function judgeTop({ reference, crumbs }: KnownImage, { target }: Pick<ScienceLayer, "target">): Judgement {
  const top = topScience(crumbs);
  if (top?.name === target) return current;
  return different(`${reference} is built on science layer ${top?.name ?? "of no name"}, not on ${target}`);
}

/** The same for the stable tag of a science layer. */
export function judgeScienceName(
  { reference, crumbs }: KnownImage,
  layer: Pick<ScienceLayer, "target" | "version">,
): Judgement {
  const top = topScience(crumbs);
  if (top === undefined || isBuildOf(top, layer)) return current;
  return different(`${reference} holds a build of ${top.name} ${top.stamp.version}`);
}

const isBuildOf = ({ name, stamp }: Crumb, { target, version }: Pick<ScienceLayer, "target" | "version">): boolean =>
  name === target && stamp.version === version;
