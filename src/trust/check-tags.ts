import type { UniqueTag } from "../catalogue/tags.ts";
import { parseUniqueTag } from "../catalogue/tags.ts";
import type { Crumb } from "../lineage/model.ts";
import type { Digest } from "../oci/digest.ts";
import { contradiction, short, unread } from "./findings.ts";
import type { Images } from "./images.ts";
import type { Findings } from "./model.ts";
import type { Subject } from "./subject.ts";

/** Unique and stable tag name one image, and the stable tag is at the newest build of its version (B20). */
export async function checkTags(
  { reference, image }: Subject,
  digest: Digest,
  { tag, stamp }: Crumb,
  images: Images,
): Promise<Findings> {
  if (reference.tag === tag) return [];
  const unique = await images.digestOf(reference, tag);
  const name = `${image}:${tag}`;
  if (unique === undefined) return [unread(`the labels name the build ${name}, and that tag is not there`)];
  if (unique !== digest) {
    const message = `the labels say that this is ${name}, and that tag names another image`;
    const notes = [{ message: `it is ${short(unique)}, this is ${short(digest)}` }];
    return [contradiction("tags-disagree", message, { notes })];
  }
  return reference.tag === stamp.version ? newestBuild(await images.tags(reference), image, tag, stamp) : [];
}

function newestBuild(tags: readonly string[], image: string, own: string, stamp: UniqueTag): Findings {
  const builds = tags.flatMap((tag) => {
    const unique = parseUniqueTag(tag);
    return unique && unique.version === stamp.version && !unique.dirty ? [{ tag, count: unique.count }] : [];
  });
  const newest = builds.reduce((best, each) => (each.count > best.count ? each : best), {
    tag: own,
    count: stamp.count,
  });
  if (newest.tag === own) return [];
  return [
    contradiction(
      "stable-tag-behind",
      `${image}:${stamp.version} is at the build ${own}, and there is a newer one, ${newest.tag}`,
      {
        help: `expected after a rollback or a publish that broke off; otherwise the tag was moved by hand: image-builder build --push moves it on`,
      },
    ),
  ];
}
