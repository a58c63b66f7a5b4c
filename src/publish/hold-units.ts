import { parseImageTag, releasePath } from "../naming/layer-name.ts";
import { compareAge, parseUniqueTag, uniqueTagsOf } from "../naming/unique-tag.ts";
import type { Digest } from "../oci/digest.ts";
import { imagePlatform } from "../oci/platform.ts";
import { type BuildMark, buildMark } from "../published/build-mark.ts";
import { type HeldTag, type Hold, readHold } from "../published/hold.ts";
import { readPublishedImage } from "../published/image.ts";
import type { Registries } from "../registry/model.ts";
import type { Journal } from "./journal.ts";
import { standingAt } from "./standing.ts";
import { tagPlace } from "./tags.ts";
import type { TagMove, TagUnit } from "./units.ts";

export interface HoldMaker {
  readonly repo: string;
  readonly registries: Registries;
  /** RFC 3339; of now. */
  readonly now: string;
}

/**
 * What a rollback notes of each image-version. Left are the builds that its tags go away from, those that earlier rollbacks left
 * while nothing has moved the tags since, and those that a killed run was about to put there.
 */
export const holdsFor = (units: readonly TagUnit[], journals: readonly Journal[], maker: HoldMaker): Promise<Hold[]> =>
  Promise.all(units.map((unit) => holdFor(unit, journals, maker)));

async function holdFor({ image, moves: all }: TagUnit, journals: readonly Journal[], maker: HoldMaker): Promise<Hold> {
  const { repo, registries, now } = maker;
  const name = parseImageTag(image);
  const users = tagPlace(registries, `${repo}/${releasePath(name?.image ?? "")}`).repository;
  const earlier = await readHold(users, name?.tag ?? "");
  // A tag that moves with the stable one is held with it.
  const moves = all.filter(({ reference }) => reference.endsWith(`:${name?.tag ?? ""}`));
  const known = (move: TagMove): readonly BuildMark[] => leftBefore(earlier, move, repo);
  // Where nothing moves, what is held off is what is newer and was about to come.
  const stays = moves.every(({ from, to }) => from === to);
  const tags = await Promise.all(
    moves.map(async (move): Promise<HeldTag> => {
      const newer = stays ? await newerOnes(move, registries) : [];
      const left = [...known(move), ...(await marksOf(move, journals, maker)), ...newer];
      return {
        path: pathOf(move, repo),
        to: await markOf(move, move.to, registries),
        left: withoutTwins(left, move.to),
      };
    }),
  );
  return { image, since: now, state: "held", tags };
}

/** What an earlier rollback left, while nothing has moved the tag since. */
function leftBefore(earlier: Hold | undefined, move: TagMove, repo: string): readonly BuildMark[] {
  const tag = earlier?.state === "held" ? earlier.tags.find(({ path }) => path === pathOf(move, repo)) : undefined;
  return tag !== undefined && (tag.to.digest === move.from || tag.to.digest === move.to) ? tag.left : [];
}

const pathOf = ({ reference }: TagMove, repo: string): string =>
  reference.slice(repo.length + 1, reference.lastIndexOf(":"));

function marksOf(move: TagMove, journals: readonly Journal[], { registries }: HoldMaker): Promise<BuildMark[]> {
  const begun = journals
    .filter(({ state }) => state === "moving")
    .flatMap(({ units }) => units.flatMap(({ moves }) => moves))
    .filter(({ reference }) => reference === move.reference)
    .map(({ to }) => to);
  const digests = [...(move.from !== undefined && move.from !== move.to ? [move.from] : []), ...begun];
  return Promise.all(digests.map((digest) => markOf(move, digest, registries)));
}

const most = 5;

async function newerOnes({ reference, to }: TagMove, registries: Registries): Promise<BuildMark[]> {
  const { repository, target: version } = tagPlace(registries, reference);
  const own = parseUniqueTag((await markOf({ reference }, to, registries)).tag ?? "");
  if (own === undefined) return [];
  const newer = uniqueTagsOf(await repository.listings.tags(), version).filter(
    ({ stamp }) => compareAge(stamp, own) > 0,
  );
  const name = reference.slice(0, reference.lastIndexOf(":"));
  const found = await Promise.all(newer.slice(0, most).map(({ tag }) => standingAt(`${name}:${tag}`, registries)));
  return found.flatMap((each) => (each?.image ? [buildMark(each.image)] : []));
}

/** As much as is known of a build. */
async function markOf(
  { reference }: Pick<TagMove, "reference">,
  digest: Digest,
  registries: Registries,
): Promise<BuildMark> {
  const { repository } = tagPlace(registries, reference);
  const image = await readPublishedImage({ repository, target: digest }, reference, imagePlatform).catch(
    () => undefined,
  );
  return image ? { ...buildMark(image), digest } : { digest };
}

const withoutTwins = (marks: readonly BuildMark[], to: Digest): BuildMark[] => [
  ...new Map(marks.filter(({ digest }) => digest !== to).map((each) => [each.digest, each])).values(),
];
