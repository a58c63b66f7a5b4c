import { uniqueTagsOf } from "../naming/unique-tag.ts";
import type { Digest } from "../oci/digest.ts";
import { ownCrumb } from "../published/crumbs.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import { wholeAt } from "./standing.ts";
import { tagPlace } from "./tags.ts";

/** A published build of an image-version. */
interface Candidate {
  /** The unique tag. */
  readonly tag: string;
  readonly digest: Digest;
  /** RFC 3339; undefined where it does not say. */
  readonly built?: string;
}

const most = 50;

/** The builds of a stable tag's image-version by age, the newest first, at most 50. */
export async function buildsByAge(reference: string, registries: Registries): Promise<Candidate[]> {
  const { repository, target: version } = tagPlace(registries, reference);
  const newest = uniqueTagsOf(await repository.listings.tags(), version).slice(0, most);
  const found = await mapBounded(newest, 8, async ({ tag }) => {
    const name = `${reference.slice(0, reference.lastIndexOf(":"))}:${tag}`;
    const there = await wholeAt(name, registries);
    const built = there?.image && ownCrumb(name, there.image.crumbs)?.built;
    const time = built === undefined ? {} : { built: new Date(built * 1000).toISOString() };
    return there ? [{ tag, digest: there.digest, ...time }] : [];
  });
  return found.flat();
}

/** The build before the present one that is good to go back to; with no present one the newest. */
export function suggestion(
  builds: readonly Candidate[],
  now: Digest | undefined,
  withdrawn: ReadonlySet<string>,
): Candidate | undefined {
  const present = builds.findIndex(({ digest }) => digest === now);
  return builds.slice(present + 1).find(({ tag, digest }) => digest !== now && !withdrawn.has(tag));
}
