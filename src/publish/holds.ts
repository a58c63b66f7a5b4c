import { imageVersion } from "../catalogue/graph.ts";
import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { keyOfScience, scienceId, targetOfKey } from "../naming/build-id.ts";
import { releasePath, sciencePath } from "../naming/layer-name.ts";
import type { Digest } from "../oci/digest.ts";
import type { CompatBuild, PlannedBuild } from "../plan/model.ts";
import { type HeldTag, type Hold, holdTag, isOfLeft, readHold } from "../published/hold.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import { TagLists } from "../registry/tag-lists.ts";
import { digestOf, tagPlace } from "./tags.ts";

/** An image-version as `nist-basic` and `1.0`. */
interface ImageVersion {
  readonly image: string;
  readonly version: string;
}

/** A hold whose `tags` are those that hold something back and still point to where the rollback put them. */
interface HoldInForce extends Hold {
  /** All tags of the image-version, as the rollback noted them. */
  readonly noted: readonly HeldTag[];
}

/**
 * The holds that are in force (B36), by image-version: only those of their tags that still point to where the rollback put them.
 * The list of tags of each repository, which `lists` keeps, and some requests for each image-version that was ever rolled back.
 */
export async function holdsInForce(
  images: Iterable<ImageVersion>,
  repo: string,
  registries: Registries,
  lists: TagLists = new TagLists(),
): Promise<Map<string, HoldInForce>> {
  const asked = new Map([...images].map((each) => [imageVersion(each), each]));
  const found = await mapBounded([...asked], 8, async ([name, { image, version }]) => {
    const { repository } = tagPlace(registries, `${repo}/${releasePath(image)}:${version}`);
    const hold = (await lists.lacks(repository, holdTag(version))) ? undefined : await readHold(repository, version);
    const tags = hold?.state === "held" ? await tagsInForce(hold.tags, version, repo, registries) : [];
    return hold && tags.length > 0 ? [[name, { ...hold, tags, noted: hold.tags }] as const] : [];
  });
  return new Map(found.flat());
}

async function tagsInForce(
  tags: readonly HeldTag[],
  version: string,
  repo: string,
  registries: Registries,
): Promise<HeldTag[]> {
  const held = await mapBounded(
    tags.filter(({ left }) => left.length > 0),
    4,
    async (each) => {
      const now = await digestOf(tagPlace(registries, `${repo}/${each.path}:${version}`));
      return now === each.to.digest ? [each] : [];
    },
  );
  return held.flat();
}

/** Digests of today's definitions, for what the builds of a plan are made from. */
interface DefinitionDigests {
  /** By key of the layer (`layerKey`). */
  readonly science: ReadonlyMap<string, Digest>;
  /** Of the whole stack, by name of the topmost compat layer. */
  readonly compat: ReadonlyMap<string, Digest>;
}

/**
 * Builds that would bring an image-version back to one it was rolled back from, by id, each with the tag that is held. The hold on
 * a science image stays while the interface changes. That on an interface is over when the definition of its science image is
 * another one; until then the science image is not made anew either, since there would be nothing to put on it.
 */
export function heldBuilds(
  builds: readonly PlannedBuild[],
  holds: ReadonlyMap<string, HoldInForce>,
  today: DefinitionDigests,
): Map<string, HeldTag> {
  const held = new Map<string, HeldTag>();
  for (const build of builds) {
    const hold = holds.get(imageVersion(build));
    const tag = hold?.tags.find(({ path }) => path === pathOf(build));
    if (hold === undefined || tag === undefined || !isOfLeft(tag, inputsOf(build, today))) continue;
    if (build.kind === "compat" && !isSameScience(build, hold, today)) continue;
    held.set(build.id, tag);
    const science = build.kind === "compat" && builds.find(({ id }) => id === scienceId(build.science));
    if (science && imageVersion(science) === imageVersion(build) && !held.has(science.id)) held.set(science.id, tag);
  }
  return held;
}

/** As it was rolled back to, or away from; one that says nothing of what it was made from counts as the same. */
function isSameScience({ science }: CompatBuild, { noted }: HoldInForce, today: DefinitionDigests): boolean {
  const inputs = today.science.get(science);
  const tag = noted.find(({ path }) => path === sciencePath(targetOfKey(science)));
  return inputs === undefined || tag?.to.inputs === undefined || tag.to.inputs === inputs || isOfLeft(tag, inputs);
}

const inputsOf = (build: PlannedBuild, today: DefinitionDigests): Digest | undefined =>
  build.kind === "science" ? today.science.get(keyOfScience(build.id)) : today.compat.get(build.layers.at(-1) ?? "");

/** Why a build may not follow what a rollback has put under its stable tag while it was made; undefined where none has. */
export async function heldSince(
  build: PlannedBuild,
  repo: string,
  mark: { readonly digest: Digest; readonly inputs: Digest | undefined },
  registries: Registries,
): Promise<Diagnostic | undefined> {
  const name = imageVersion(build);
  const hold = (await holdsInForce([build], repo, registries)).get(name);
  const tag = hold?.tags.find(({ path }) => path === pathOf(build));
  const isLeft = tag?.left.some(({ digest }) => digest === mark.digest) || (tag && isOfLeft(tag, mark.inputs));
  if (hold === undefined || tag === undefined || !isLeft) return undefined;
  const { code, message, ...rest } = rolledBack(name, hold, tag);
  return error(code, message, rest);
}

const pathOf = (build: PlannedBuild): string =>
  build.kind === "science" ? sciencePath(build.target) : releasePath(build.image);

export const rolledBack = (image: string, { since }: Hold, tag: HeldTag): Diagnostic =>
  warning("rolled-back", `${image} is rolled back to ${tag.to.tag ?? tag.to.digest} since ${since}, and stays there`, {
    notes: tag.left.flatMap((each) => (each.tag === undefined ? [] : [{ message: `it was left: ${each.tag}` }])),
    help: `change its definition, or let go of it: image-builder rollback --release ${image}`,
  });
