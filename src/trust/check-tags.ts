import type { WithdrawnImage } from "../catalogue/model.ts";
import { compareAge, uniqueTagsOf } from "../naming/unique-tag.ts";
import type { Digest } from "../oci/digest.ts";
import type { Crumb } from "../published/crumbs.ts";
import { type Hold, hasHold, readHold } from "../published/hold.ts";
import type { Images } from "../published/images.ts";
import type { Registries } from "../registry/model.ts";
import { contradiction, problemsOf, short, unread } from "./findings.ts";
import type { ImageVerdict, TrustFindings } from "./model.ts";
import { isStableTag, type Subject } from "./subject.ts";

/** The unique tag of the labels names the image that they are on. */
export async function checkUniqueTag(
  { reference, image }: Subject,
  digest: Digest,
  crumb: Crumb,
  images: Images,
): Promise<TrustFindings> {
  if (reference.tag === crumb.tag) return [];
  return judgeUniqueTag(`${image}:${crumb.tag}`, digest, await images.digestOf(reference, crumb.tag));
}

interface NewestCheck {
  readonly newest?: NonNullable<ImageVerdict["newest"]>;
  readonly doubts: TrustFindings;
}

/** Whether a stable tag is at the newest build of its version that was not withdrawn (B20). */
export async function checkNewest(
  { reference, image }: Subject,
  { digest, crumb }: StableBuild,
  { images, registries, withdrawn }: NewestContext,
): Promise<NewestCheck> {
  const { tag } = reference;
  if (tag === undefined || !isStableTag(tag)) return { doubts: [] };
  if (tag !== crumb?.stamp.version) return { newest: "unknown", doubts: [] };
  try {
    const tags = await images.tags(reference);
    const doubts = judgeStableTag(image, crumb, tags, withdrawn);
    if (doubts.length === 0) return { newest: "newest", doubts };
    const users = registries.registryFor(reference.registry).repository(reference.repository);
    const hold = hasHold(tags, tag) ? await readHold(users, tag) : undefined;
    return isHeldAt(hold, digest) ? { newest: "rolled-back", doubts: [] } : { newest: "behind", doubts };
  } catch (failure) {
    return { newest: "unknown", doubts: problemsOf(failure) };
  }
}

/** What a stable tag is at. */
interface StableBuild {
  readonly digest: Digest;
  /** Undefined where the labels do not say. */
  readonly crumb: Crumb | undefined;
}

interface NewestContext {
  readonly images: Images;
  readonly registries: Registries;
  readonly withdrawn: readonly WithdrawnImage[];
}

const isHeldAt = (hold: Hold | undefined, digest: Digest): boolean =>
  hold?.state === "held" && hold.tags[0]?.to.digest === digest;

/** `unique`: what the unique tag of the labels names; undefined where it is not there. */
export function judgeUniqueTag(name: string, digest: Digest, unique: Digest | undefined): TrustFindings {
  if (unique === undefined) return [unread(`the labels name the build ${name}, and that tag is not there`)];
  if (unique === digest) return [];
  const message = `the labels say that this is ${name}, and that tag names another image`;
  return [
    contradiction("tags-disagree", message, {
      notes: [{ message: `it is ${short(unique)}, this is ${short(digest)}` }],
    }),
  ];
}

/** `crumb` is of the build that the stable tag is at; `tags` are all of its repository. */
export function judgeStableTag(
  image: string,
  crumb: Crumb,
  tags: readonly string[],
  withdrawn: readonly WithdrawnImage[],
): TrustFindings {
  const gone = new Set(withdrawn.filter((each) => each.image === image).map((each) => each.tag));
  return newestBuild(
    tags.filter((each) => !gone.has(each)),
    image,
    crumb,
  );
}

function newestBuild(tags: readonly string[], image: string, { tag: own, stamp }: Crumb): TrustFindings {
  const newest = uniqueTagsOf(tags, stamp.version).find(({ stamp: each }) => !each.dirty);
  if (newest === undefined || compareAge(newest.stamp, stamp) <= 0) return [];
  const message = `${image}:${stamp.version} is at the build ${own}, and there is a newer one, ${newest.tag}`;
  const help = `after a publish that broke off, publish again; if the newer one must not be used, image-builder rollback ${image}:${stamp.version} --to ${own} says so; otherwise somebody moved the tag by hand`;
  return [contradiction("stable-tag-behind", message, { help })];
}
