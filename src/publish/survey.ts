import type { ImageBuild } from "../compose/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import type { BuiltImage } from "../engines/model.ts";
import { compareAge, parseUniqueTag } from "../naming/unique-tag.ts";
import type { Digest } from "../oci/digest.ts";
import { imagePlatform } from "../oci/platform.ts";
import { parseReferenceOrThrow } from "../oci/reference.ts";
import { baseDigest, ownCrumb } from "../published/crumbs.ts";
import { type NamedImage, type PublishedImage, readPublishedImage } from "../published/image.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import { TagLists } from "../registry/tag-lists.ts";
import { type Standing, standingAt, wholeAt } from "./standing.ts";
import { digestOf, tagPlace } from "./tags.ts";

/** What the registry holds of a plan before anything is built. */
export interface Survey {
  /** Builds whose image is published under its unique tag already; they need not run. */
  readonly present: ReadonlyMap<string, BuiltImage>;
  /** Digests behind the stable tags and those that move with them, by reference; absent where there is no such tag. */
  readonly stable: ReadonlyMap<string, Digest>;
  /** The images behind these tags, by reference. */
  readonly standing: ReadonlyMap<string, Standing>;
  /** When each build's unique tag was looked for, in milliseconds since the epoch, by id. */
  readonly seen: ReadonlyMap<string, number>;
}

/**
 * Looks at the tags that a run is going to write. Throws `RefusedError` where a unique tag holds something else than what
 * would be built (B30). `lists`: tells what is not there without being asked about each tag.
 */
export async function surveyTags(
  builds: readonly ImageBuild[],
  registries: Registries,
  lists: TagLists = new TagLists(),
): Promise<Survey> {
  const published = builds.filter(({ kind }) => kind !== "payload");
  const found = await mapBounded(published, 8, (build) => surveyBuild(build, registries, lists));
  const present = new Map(found.flatMap(({ build, there }) => (there ? [[build.id, toBuilt(build, there)]] : [])));
  const missing = new Set(published.map(({ id }) => id).filter((id) => !present.has(id)));
  const parents = new Map([...present].map(([id, { manifest }]) => [id, manifest]));
  const problems = found.flatMap(({ build, there }) => (there ? takenTag(build, there, missing, parents) : []));
  if (problems.length > 0) throw new RefusedError(problems);
  const standing = new Map(
    found
      .flatMap(({ build, standing: now, further }) => [[build.tags[1], now] as const, ...further])
      .flatMap(([reference, now]) => (now ? [[reference, now]] : [])),
  );
  const stable = new Map([...standing].map(([reference, { digest }]) => [reference, digest]));
  return { present, stable, standing, seen: new Map(found.map(({ build, seen }) => [build.id, seen])) };
}

async function surveyBuild(build: ImageBuild, registries: Registries, lists: TagLists) {
  const { repository, target } = tagPlace(registries, build.tags[0]);
  const isFree = await lists.lacks(repository, target);
  const seen = isFree ? (lists.askedAt(repository) ?? 0) : Date.now();
  const unique = isFree ? undefined : await uniqueImage(build, registries);
  const standing = await standingAt(build.tags[1], registries);
  const further = await mapBounded(
    build.tags.slice(2),
    8,
    async (tag) => [tag, await standingAt(tag, registries)] as const,
  );
  return { build, seen, standing, further, there: (await refreshedSince(build, standing, registries)) ?? unique };
}

/** A refresh of the very build that is to be published, which the stable tag holds: it stays there (B52). */
async function refreshedSince(
  build: ImageBuild,
  standing: Standing | undefined,
  registries: Registries,
): Promise<PublishedImage | undefined> {
  const image = standing?.image;
  const there = image && parseUniqueTag(ownCrumb(image.reference, image.crumbs)?.tag ?? "");
  const own = parseUniqueTag(parseReferenceOrThrow(build.tags[0]).tag ?? "");
  if (image === undefined || there === undefined || own === undefined || own.dirty) return undefined;
  const isSame = there.version === own.version && there.count === own.count && there.commit === own.commit;
  if (!isSame || compareAge(there, own) <= 0 || otherInputs(build, image) !== undefined) return undefined;
  return (await wholeAt(build.tags[1], registries, image.digest))?.image;
}

/** What the stable tags of these builds point to, by reference; absent where there is no such tag. */
export async function stableDigests(
  builds: readonly ImageBuild[],
  registries: Registries,
): Promise<ReadonlyMap<string, Digest>> {
  const tags = builds.filter(({ kind }) => kind !== "payload").flatMap((each) => each.tags.slice(1));
  const found = await mapBounded(tags, 8, async (reference) => {
    const digest = await digestOf(tagPlace(registries, reference));
    return digest === undefined ? [] : [[reference, digest] as const];
  });
  return new Map(found.flat());
}

/** Undefined when the unique tag is free. */
export async function uniqueImage(build: ImageBuild, registries: Registries): Promise<PublishedImage | undefined> {
  const [reference] = build.tags;
  const place = tagPlace(registries, reference);
  const known = await place.repository.manifests.head(place.target);
  return known && readPublishedImage(place, reference, imagePlatform);
}

/**
 * Why an existing image cannot stand for a build; empty when it can. `missing`: ids of builds whose images are not published;
 * `parents`: digests of those that are, by id.
 */
export function takenTag(
  build: ImageBuild,
  image: PublishedImage,
  missing: ReadonlySet<string>,
  parents: ReadonlyMap<string, Digest | undefined>,
): Diagnostic[] {
  const [reference] = build.tags;
  const notes = otherInputs(build, image) ?? otherParent(build, image, missing, parents) ?? [];
  if (notes.length === 0) return [];
  return [
    error("unique-tag-taken", `${reference} is published already with other content, and a unique tag never moves`, {
      notes: notes.map((message) => ({ message })),
      help: "commit, so that there is a new tag; or delete that image in the registry",
    }),
  ];
}

function otherInputs({ labels: wanted, inputs }: ImageBuild, { labels }: NamedImage): string[] | undefined {
  const key = Object.keys(wanted).find((each) => wanted[each] === inputs) ?? "";
  if (labels[key] === inputs) return undefined;
  return [`its label ${key} is ${labels[key] ?? "missing"}`, `the directory is ${inputs} now`];
}

/** Two runs of one commit may each have built the parent, and only one of these is under its tag. */
function otherParent(
  { dependsOn, dockerfile }: ImageBuild,
  { reference, crumbs }: PublishedImage,
  missing: ReadonlySet<string>,
  parents: ReadonlyMap<string, Digest | undefined>,
): string[] | undefined {
  const absent = dependsOn.find((id) => missing.has(id));
  if (absent !== undefined) return [`it was built on an image of ${absent} that is not published under its unique tag`];
  const base = dockerfile.references.find(({ final }) => final)?.base;
  const wanted = base?.kind === "built" ? parents.get(base.id) : undefined;
  const own = ownCrumb(reference, crumbs);
  const found = own && baseDigest(own);
  if (base?.kind !== "built" || wanted === undefined || found === undefined || found === wanted) return undefined;
  return [`it was built on ${found}`, `${base.id} is ${wanted} under its unique tag`];
}

export const toBuilt = (build: ImageBuild, { digest, manifest, reference, crumbs }: PublishedImage): BuiltImage => ({
  id: build.id,
  reference: uniqueReference(build, ownCrumb(reference, crumbs)?.tag),
  config: manifest.config.digest,
  manifest: digest,
});

/** A refresh has a unique tag of its own. */
const uniqueReference = ({ tags: [unique] }: ImageBuild, tag: string | undefined): string =>
  parseUniqueTag(tag ?? "")?.refresh === undefined ? unique : `${unique.slice(0, unique.lastIndexOf(":"))}:${tag}`;
