import type { WithdrawnImage } from "../catalogue/model.ts";
import { parseUniqueTag } from "../catalogue/tags.ts";
import type { Digest } from "../oci/digest.ts";
import type { Crumb } from "../published/crumbs.ts";
import type { Images } from "../published/images.ts";
import { contradiction, short, unread } from "./findings.ts";
import type { Findings } from "./model.ts";
import type { Subject } from "./subject.ts";

/** Unique and stable tag name one image, and the stable tag is at the newest build of its version that was not withdrawn (B20). */
export async function checkTags(
  { reference, image }: Subject,
  digest: Digest,
  crumb: Crumb,
  images: Images,
  withdrawn: readonly WithdrawnImage[],
): Promise<Findings> {
  const { tag, stamp } = crumb;
  if (reference.tag === tag) return [];
  const unique = await images.digestOf(reference, tag);
  const name = `${image}:${tag}`;
  if (unique === undefined) return [unread(`the labels name the build ${name}, and that tag is not there`)];
  if (unique !== digest) {
    const message = `the labels say that this is ${name}, and that tag names another image`;
    const notes = [{ message: `it is ${short(unique)}, this is ${short(digest)}` }];
    return [contradiction("tags-disagree", message, { notes })];
  }
  if (reference.tag !== stamp.version) return [];
  const gone = new Set(withdrawn.filter((each) => each.image === image).map((each) => each.tag));
  const tags = await images.tags(reference);
  return newestBuild(
    tags.filter((each) => !gone.has(each)),
    image,
    crumb,
  );
}

function newestBuild(tags: readonly string[], image: string, { tag: own, stamp }: Crumb): Findings {
  const builds = tags.flatMap((tag) => {
    const unique = parseUniqueTag(tag);
    return unique && unique.version === stamp.version && !unique.dirty ? [{ tag, count: unique.count }] : [];
  });
  const self = { tag: own, count: stamp.count };
  const newest = builds.reduce((best, each) => (each.count > best.count ? each : best), self);
  if (newest.tag === own) return [];
  const message = `${image}:${stamp.version} is at the build ${own}, and there is a newer one, ${newest.tag}`;
  const help = `after a rollback, withdraw the newer one: image-builder withdraw ${image}:${newest.tag}; after a publish that broke off, publish again; otherwise somebody moved the tag by hand`;
  return [contradiction("stable-tag-behind", message, { help })];
}
