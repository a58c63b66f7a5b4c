import type { ImageBuild } from "../compose/model.ts";
import type { FactsCache } from "../contents/cache.ts";
import { addToFacts, isRead, mergeFacts } from "../contents/merge.ts";
import type { LayerFacts, ReadLayer } from "../contents/model.ts";
import { knownFacts } from "../contents/obtain.ts";
import { plainIndex } from "../contents/read-layer.ts";
import { attachFacts } from "../contents/referrer.ts";
import type { BuiltContents, Engine } from "../engines/model.ts";
import type { MadeBuild } from "../engines/run-model.ts";
import type { ImageConfig } from "../oci/config.ts";
import type { Digest } from "../oci/digest.ts";
import { imagePlatform } from "../oci/platform.ts";
import { parseReferenceOrThrow } from "../oci/reference.ts";
import { type RemoteImage, readImage } from "../registry/image.ts";
import type { Registries, Registry } from "../registry/model.ts";
import type { ResolvableImage } from "../resolve/model.ts";

/** Where what is known of science images comes from. */
export interface ScienceSources {
  readonly registries: Registries;
  readonly builds: readonly ImageBuild[];
  readonly engineFor: (build: ImageBuild) => Engine;
  readonly cache: FactsCache;
  /** Whether what is learned may be attached to images of this run. */
  readonly mayAttach: boolean;
}

/** The science image below an image of this run; a reason where nothing is known of it. No layer of a registry is read. */
export async function scienceFacts(made: MadeBuild, sources: ScienceSources): Promise<ResolvableImage | string> {
  const { base } = made.ready;
  if (!base) return "it starts from nothing";
  if (base.digest === undefined) return localScience(made, sources, base.name);
  const { registry: host, repository } = parseReferenceOrThrow(base.reference);
  const registry = sources.registries.registryFor(host);
  const image = await readImage(registry.repository(repository), base.digest, imagePlatform);
  if (!image) return `${base.name} is not in the registry`;
  const { known } = await knownFacts(registry, repository, image, sources.cache);
  const { config } = image;
  const isWhole = config.rootfs.diff_ids.every((diffId) => known.has(diffId));
  if (isWhole) return merged(config, known, sizeOf(image));
  const own = await contentsHere(made, sources, new Set(known.keys()));
  const all = new Map([...known, ...byDigest(own?.layers ?? [])]);
  const lacks = config.rootfs.diff_ids.filter((diffId) => !all.has(diffId)).length;
  if (lacks > 0)
    return `nothing that is attached to ${base.name} tells of ${lacks} of its ${config.rootfs.diff_ids.length} layers; image-builder contents ${base.name} --attach reads them once`;
  if (sources.mayAttach) await attachTo({ registry, repository, image }, inOrder(config, all), made);
  return merged(config, all, sizeOf(image));
}

async function localScience(made: MadeBuild, sources: ScienceSources, name: string): Promise<ResolvableImage | string> {
  const own = await contentsHere(made, sources, new Set());
  if (!own) return `${name} is on this machine alone, and this run has not made it`;
  const unread = own.layers.find((layer) => !isRead(layer));
  if (unread && "problem" in unread) return `a layer of ${name} cannot be read: ${unread.problem}`;
  return merged(own.config, byDigest(own.layers), Number.POSITIVE_INFINITY);
}

/** What the engine of this run says of the science image, where this run has made it. */
async function contentsHere(
  { ready, built, task }: MadeBuild,
  { builds, engineFor, cache }: ScienceSources,
  known: ReadonlySet<Digest>,
): Promise<BuiltContents | undefined> {
  const base = ready.build.dockerfile.references.find(({ final }) => final)?.base;
  const build = base?.kind === "built" ? builds.find(({ id }) => id === base.id) : undefined;
  const image = build && built.get(build.id);
  return image && engineFor(build).contents?.(image, known, cache, task);
}

/** The same of the image that was made; only its own layers are read. */
export async function composedFacts(
  { image, engine, task }: MadeBuild,
  science: ResolvableImage,
  cache: FactsCache,
): Promise<ResolvableImage | string> {
  const below = byDigest(science.facts.layers);
  const own = await engine.contents?.(image, new Set(below.keys()), cache, task);
  if (!own) return `the engine "${engine.name}" does not tell what is in its images`;
  const { config } = own;
  const diffIds = config.rootfs.diff_ids;
  const found = new Map(own.layers.map((each) => [each.diffId, each]));
  const all = diffIds.map(
    (diffId): ReadLayer => below.get(diffId) ?? found.get(diffId) ?? { diffId, problem: "it is not there" },
  );
  const count = science.facts.layers.length;
  const begins = science.facts.layers.every(({ diffId }, at) => diffId === diffIds[at]);
  const facts = begins
    ? await addToFacts(science.facts, all.slice(count), Number.POSITIVE_INFINITY)
    : await mergeFacts(all, Number.POSITIVE_INFINITY);
  return { config, facts };
}

/** Facts that this run has learned go where others find them. Who cannot have them reads the layers. */
async function attachTo(
  { registry, repository, image }: { registry: Registry; repository: string; image: RemoteImage },
  facts: readonly LayerFacts[],
  { task }: MadeBuild,
): Promise<void> {
  try {
    await attachFacts(registry, repository, image.descriptor, { index: await plainIndex(facts), facts });
  } catch (cause) {
    task.signal.throwIfAborted();
    task.log.write(`what is known of ${repository} was not attached: ${String(cause)}\n`);
  }
}

const byDigest = (layers: readonly ReadLayer[]): Map<Digest, LayerFacts> =>
  new Map(layers.filter(isRead).map((each) => [each.diffId, each]));

const inOrder = ({ rootfs }: ImageConfig, known: ReadonlyMap<Digest, LayerFacts>): LayerFacts[] =>
  rootfs.diff_ids.flatMap((diffId) => known.get(diffId) ?? []);

async function merged(
  config: ImageConfig,
  known: ReadonlyMap<Digest, LayerFacts>,
  compressed: number,
): Promise<ResolvableImage> {
  return { config, facts: await mergeFacts(inOrder(config, known), compressed) };
}

const sizeOf = ({ manifest }: RemoteImage): number => manifest.layers.reduce((sum, { size }) => sum + size, 0);
