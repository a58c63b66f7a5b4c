import { targetOfKey } from "../naming/build-id.ts";
import type { Crumb } from "../published/crumbs.ts";
import { baseDigest, baseScience, ownCrumb } from "../published/crumbs.ts";
import type { KnownImage } from "../published/image.ts";
import { crumbOf, current, different } from "./judge.ts";
import type { Judgement, Published } from "./model.ts";

/** Holds what an image was built on against what its parents' stable tags name now: one judgement for each parent, of which the keys are given. */
export const movedParents = (child: KnownImage, parents: readonly string[], published: Published): Judgement[] =>
  parents.map((parent) => movedParent(child, parent, published));

function movedParent(child: KnownImage, key: string, { sci }: Published): Judgement {
  const parent = sci.get(key);
  const target = targetOfKey(key);
  const crumb = ownCrumb(child.reference, child.crumbs);
  if (parent?.kind !== "image" || crumb === undefined) return current;
  const wanted = parent.image.digest;
  const built = baseScience(crumb)?.target === target ? baseDigest(crumb) : undefined;
  if (built !== undefined)
    return built === wanted ? current : movedFrom(crumb, target, shortDigest(built), shortDigest(wanted));
  const [then, now] = [crumbOf(child.crumbs, key), crumbOf(parent.image.crumbs, key)];
  if (then === undefined || now === undefined || then.tag === now.tag) return current;
  return movedFrom(crumb, target, then.tag, now.tag);
}

const movedFrom = (child: Crumb, target: string, from: string, to: string): Judgement =>
  different(`${child.name} ${child.tag} was built on sci/${target} ${from}, which is ${to} now`);

export const shortDigest = (digest: string): string => digest.slice(0, "sha256:".length + 12);
