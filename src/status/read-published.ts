import type { ScienceLayer } from "../catalogue/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { type Definitions, relReference, sciReference } from "../judge/definitions.ts";
import type { Published } from "../judge/model.ts";
import type { ImageVersion } from "../judge/orphans.ts";
import { groupProblems } from "../judge/problems.ts";
import { layerKey } from "../naming/build-id.ts";
import { releasePath } from "../naming/layer-name.ts";
import type { Digest } from "../oci/digest.ts";
import type { Breadcrumbs } from "../published/crumbs.ts";
import { baseDigest, baseScience } from "../published/crumbs.ts";
import type { PublishedImage } from "../published/image.ts";
import type { ImageReading, TagReading } from "../published/reader.ts";
import { type Reader, sideBySide } from "../published/reader.ts";

/**
 * What the registry holds of a catalogue, all read side by side: three requests for each image-version, and one for each
 * science layer whose image a published child was built on. Others cost three. What cannot be read is in `problems`.
 */
export async function readPublished(definitions: Definitions, reader: Reader): Promise<Published> {
  const [rel, heads] = await Promise.all([
    readFinals(definitions, reader, true),
    readHeads(definitions, definitions.catalogue.science, reader),
  ]);
  const sci = await readScience(definitions, reader, heads, knownImages(rel));
  return { rel, sci, tags: new Map(), problems: groupProblems(problemsOf([...rel.values(), ...sci.values()])) };
}

/** The images behind the stable tags of image-versions, adopted ones among them; with `unique` also their unique tags. */
export async function readFinals(
  {
    catalogue,
    finals,
    adopted,
  }: Pick<Definitions, "catalogue" | "finals"> & {
    readonly adopted: ReadonlyMap<string, ImageVersion>;
  },
  reader: Reader,
  unique: boolean,
): Promise<Map<string, TagReading<PublishedImage>>> {
  const wanted: (readonly [string, ImageVersion])[] = [...finals, ...adopted];
  return sideBySide(wanted, async ([key, each]) => {
    const reading = await reader.read(relReference(catalogue, each), finals.get(key)?.platforms[0]);
    return [key, reading.kind === "image" && unique ? await reader.withUniqueTag(reading) : reading];
  });
}

export const problemsOf = (readings: Iterable<TagReading>): Diagnostic[] =>
  [...readings].flatMap((each) => (each.kind === "unreadable" ? [each.problem] : []));

/** A digest, nothing, or what went wrong. */
type Head = { readonly digest?: Digest } | { readonly problem: Diagnostic };

function readHeads(
  { catalogue }: Definitions,
  layers: readonly ScienceLayer[],
  reader: Reader,
): Promise<Map<string, Head>> {
  return sideBySide(layers, async (layer) => {
    const head = await reader.ask<Head>(
      sciReference(catalogue, layer),
      async ({ repository, target }) => {
        const found = await repository.manifests.head(target);
        return found ? { digest: found.digest } : {};
      },
      (problem) => ({ problem }),
    );
    return [layerKey(layer), head];
  });
}

/** Science images whose trail is known from an image that was built on them, by target and digest. */
type Known = ReadonlyMap<string, Breadcrumbs>;

const knownKey = (target: string, digest: string): string => `${target}@${digest}`;

function knownImages(rel: ReadonlyMap<string, TagReading<PublishedImage>>): Known {
  const known = new Map<string, Breadcrumbs>();
  for (const reading of rel.values()) {
    if (reading.kind !== "image") continue;
    const { science, compat } = reading.image.crumbs;
    for (const child of compat ? [...science, compat] : science) {
      const at = science.findIndex(({ name }) => name === baseScience(child)?.target);
      const [parent, digest] = [science[at], baseDigest(child)];
      if (parent && digest) known.set(knownKey(parent.name, digest), { science: science.slice(0, at + 1), broken: [] });
    }
  }
  return known;
}

function readScience(
  { catalogue }: Definitions,
  reader: Reader,
  heads: ReadonlyMap<string, Head>,
  known: Known,
): Promise<Map<string, TagReading>> {
  return sideBySide(catalogue.science, async (layer) => {
    const reference = sciReference(catalogue, layer);
    const answer = readingOf(reference, heads.get(layerKey(layer)) ?? {});
    if (answer.kind !== "image") return [layerKey(layer), answer];
    const { digest } = answer.image;
    const crumbs = known.get(knownKey(layer.target, digest));
    if (crumbs) return [layerKey(layer), knownReading(reference, digest, crumbs)];
    return [layerKey(layer), await readWhole(layer, reference, digest, reader)];
  });
}

/**
 * What the stable tags of the science layers below users' images hold, by one request each: their digests, and nothing of their trails.
 * It shows a publish that died between the tags of one image-version.
 */
export async function readScienceTags(definitions: Definitions, reader: Reader): Promise<Map<string, TagReading>> {
  const layers = [...definitions.finals.values()];
  const heads = await readHeads(definitions, layers, reader);
  return new Map(
    layers.map((layer) => {
      const reference = sciReference(definitions.catalogue, layer);
      return [layerKey(layer), readingOf(reference, heads.get(layerKey(layer)) ?? {})];
    }),
  );
}

function readingOf(reference: string, head: Head): TagReading {
  if ("problem" in head) return { kind: "unreadable", reference, problem: head.problem };
  if (head.digest === undefined) return { kind: "absent", reference };
  return knownReading(reference, head.digest, { science: [], broken: [] });
}

const knownReading = (reference: string, digest: Digest, crumbs: Breadcrumbs): ImageReading => ({
  kind: "image",
  image: { reference, digest, crumbs },
});

/** By the digest just told, so that a tag that moves meanwhile mixes nothing up. */
async function readWhole(layer: ScienceLayer, reference: string, digest: Digest, reader: Reader): Promise<TagReading> {
  const reading = await reader.read(`${reference}@${digest}`, layer.platforms[0]);
  if (reading.kind !== "image") return reading;
  return reader.withUniqueTag({ ...reading, image: { ...reading.image, reference } });
}

/** Tags of `rel/{image}`, by image. A list that cannot be read is a problem, not an empty one. */
export async function readTags(
  { catalogue }: Definitions,
  reader: Reader,
  images: Iterable<string>,
): Promise<{ readonly tags: Map<string, readonly string[]>; readonly problems: readonly Diagnostic[] }> {
  const problems: Diagnostic[] = [];
  const lists = await sideBySide(new Set(images), async (image) => {
    const tags = await reader.ask<readonly string[] | undefined>(
      `${catalogue.settings.repo}/${releasePath(image)}`,
      ({ repository }) => repository.listings.tags(),
      (problem) => void problems.push(problem),
    );
    return [image, tags];
  });
  return { tags: new Map([...lists].flatMap(([image, tags]) => (tags ? [[image, tags]] : []))), problems };
}

/** Which of these the registry still has; one request for each. */
export async function publishedOnes(
  { catalogue }: Definitions,
  reader: Reader,
  lost: ReadonlyMap<string, ImageVersion>,
): Promise<ImageVersion[]> {
  const found = await sideBySide(lost, async ([key, each]) => {
    const there = await reader.ask(
      relReference(catalogue, each),
      async ({ repository, target }) => (await repository.manifests.head(target)) !== undefined,
      () => false,
    );
    return [key, there];
  });
  return [...lost].flatMap(([key, each]) => (found.get(key) ? [each] : []));
}
