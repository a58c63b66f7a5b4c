import { isFurtherTag } from "../catalogue/further-tags.ts";
import { imageVersion } from "../catalogue/graph.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { withdrawalOf } from "../catalogue/withdrawn.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { type CommitFacts, describeCommits } from "../git/commits.ts";
import { objectHashes } from "../git/objects.ts";
import { relReference } from "../judge/definitions.ts";
import { buildOf } from "../judge/not-published.ts";
import { parseImageName, releasePath } from "../naming/layer-name.ts";
import { parseUniqueTag, type UniqueTag, uniqueTagsOf } from "../naming/unique-tag.ts";
import { isRepositoryComponent, isTag } from "../oci/reference.ts";
import { holdsInForce } from "../publish/holds.ts";
import { type Hold, hasHold } from "../published/hold.ts";
import type { PublishedImage } from "../published/image.ts";
import { publishedAt } from "../published/published-at.ts";
import { createReader, type Reader } from "../published/reader.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import { changedParts } from "./changed-parts.ts";

/** The published builds of an image-version. Survives JSON. */
export interface ImageHistory {
  readonly image: string;
  readonly version: string;
  /** The stable tag. */
  readonly reference: string;
  /** Where the stable tag points; undefined where there is none. */
  readonly digest?: string;
  /** Present while it is kept back. */
  readonly rolledBack?: { readonly to: string; readonly since: string };
  /** The newest first. */
  readonly builds: readonly HistoryBuild[];
}

/** `left`: the build that a rollback went away from. */
type BuildState = "stable" | "left" | "withdrawn";

interface HistoryBuild {
  /** The unique tag. */
  readonly tag: string;
  readonly digest: string;
  readonly states: readonly BuildState[];
  /** Tags that move with the stable one and point here (`latest`), sorted; absent where there are none. */
  readonly tags?: readonly string[];
  /** RFC 3339: when it was published, or made where nothing says when it was published. */
  readonly when?: string;
  /** Absent where this clone does not have the commit. */
  readonly commit?: CommitFacts;
  /** Against the build before it, each a sentence part; undefined for the first. */
  readonly changed?: readonly string[];
  /** What `--refresh` named when it was made. */
  readonly refreshed?: string;
  readonly withdrawn?: string;
}

interface HistoryOptions {
  readonly catalogue: Catalogue;
  readonly registries: Registries;
  readonly signal?: AbortSignal;
}

/**
 * Every build that the registry has of an image, by version: `nist-basic:1.0`, or `nist-basic` for all its versions. Throws
 * `RefusedError` for a name that is none and `FailedError` when the registry does not answer or has no such image.
 */
export async function readHistory(
  name: string,
  { catalogue, registries, signal }: HistoryOptions,
): Promise<{ readonly histories: readonly ImageHistory[]; readonly problems: readonly Diagnostic[] }> {
  const { image, version } = imageAndVersion(name);
  const reader = createReader(registries, signal);
  const tags = await tagsOf(image, catalogue, reader);
  const versions = [...new Set(tags.flatMap((tag) => parseUniqueTag(tag)?.version ?? []))].sort();
  const wanted = version === undefined ? versions : versions.filter((each) => each === version);
  if (wanted.length === 0) throw new FailedError([noSuchImage(name)]);
  const problems: Diagnostic[] = [];
  const histories: ImageHistory[] = [];
  for (const each of wanted)
    histories.push(await historyOf({ image, version: each }, tags, { catalogue, registries, reader, problems }));
  return { histories, problems };
}

function imageAndVersion(name: string): { image: string; version?: string } {
  const { image = "", tag: version } = parseImageName(name) ?? {};
  if (isRepositoryComponent(image) && (version === undefined || isTag(version)))
    return version === undefined ? { image } : { image, version: parseUniqueTag(version)?.version ?? version };
  throw new RefusedError([
    error("bad-reference", `${JSON.stringify(name)} names no image`, { help: "write IMAGE or IMAGE:VERSION" }),
  ]);
}

async function tagsOf(image: string, { settings }: Catalogue, reader: Reader): Promise<readonly string[]> {
  return reader.ask(
    `${settings.repo}/${releasePath(image)}`,
    ({ repository }) => repository.listings.tags(),
    (problem) => {
      throw new FailedError([problem]);
    },
  );
}

interface HistoryWorld extends HistoryOptions {
  readonly reader: Reader;
  readonly problems: Diagnostic[];
}

interface Found {
  readonly tag: string;
  readonly stamp: UniqueTag;
  readonly image: PublishedImage;
  readonly when?: string;
}

async function historyOf(
  each: { readonly image: string; readonly version: string },
  tags: readonly string[],
  world: HistoryWorld,
): Promise<ImageHistory> {
  const { catalogue, registries, reader } = world;
  const reference = relReference(catalogue, each);
  const stable = await reader.ask<string | undefined>(
    reference,
    async ({ repository, target }) => (await repository.manifests.head(target))?.digest,
    (problem) => void world.problems.push(problem),
  );
  const found = await readBuilds(each, reference, tags, world);
  const holds = hasHold(tags, each.version)
    ? await holdsInForce([each], catalogue.settings.repo, registries)
    : new Map<string, Hold>();
  const hold = [...holds.values()][0];
  const commits = await commitsOf(catalogue.root, found);
  const further = await furtherOf(each, tags, world);
  const builds = found.map((build, at) =>
    historyBuild(build, found[at + 1], { each, stable, hold, commits, catalogue, further }),
  );
  const [users] = hold?.tags ?? [];
  return {
    ...each,
    reference,
    ...(stable !== undefined && { digest: stable }),
    ...(hold && users && { rolledBack: { to: users.to.tag ?? users.to.digest, since: hold.since } }),
    builds,
  };
}

/** Of many days' tags only the last are asked for. */
const mostTags = 30;

/** Digests behind the tags that move with the stable one. */
async function furtherOf(
  each: { readonly image: string; readonly version: string },
  tags: readonly string[],
  { catalogue, reader, problems }: HistoryWorld,
): Promise<ReadonlyMap<string, string>> {
  const layers = catalogue.science.filter((layer) => imageVersion(layer) === imageVersion(each));
  const wanted = tags
    .filter((tag) => layers.some((layer) => isFurtherTag(layer, tag)))
    .sort()
    .slice(-mostTags);
  const found = await mapBounded(wanted, 8, async (version) => {
    const digest = await reader.ask<string | undefined>(
      relReference(catalogue, { image: each.image, version }),
      async ({ repository, target }) => (await repository.manifests.head(target))?.digest,
      (problem) => void problems.push(problem),
    );
    return digest === undefined ? [] : [[version, digest] as const];
  });
  return new Map(found.flat());
}

/** The newest first. */
async function readBuilds(
  { version }: { readonly version: string },
  reference: string,
  tags: readonly string[],
  { reader, problems }: HistoryWorld,
): Promise<Found[]> {
  const read = await mapBounded(uniqueTagsOf(tags, version), 16, async ({ tag, stamp }): Promise<Found[]> => {
    const reading = await reader.read(`${reference.slice(0, reference.lastIndexOf(":"))}:${tag}`);
    if (reading.kind === "unreadable") problems.push(reading.problem);
    if (reading.kind !== "image") return [];
    const { image } = reading;
    const when = (await publishTime(image, reader)) ?? madeAt(image);
    return [{ tag, stamp, image, ...(when !== undefined && { when }) }];
  });
  return read.flat();
}

const publishTime = ({ reference, digest }: PublishedImage, reader: Reader): Promise<string | undefined> =>
  reader.ask<string | undefined>(
    reference,
    ({ repository }) => publishedAt(repository, digest),
    () => undefined,
  );

const madeAt = ({ crumbs: { compat }, config }: PublishedImage): string | undefined =>
  compat?.built === undefined ? config.created : new Date(compat.built * 1000).toISOString();

/** By abbreviated hash. */
async function commitsOf(root: string, found: readonly Found[]): Promise<Map<string, CommitFacts>> {
  const short = [...new Set(found.map(({ stamp }) => stamp.commit))];
  const hashes = await objectHashes(
    root,
    short.map((each) => `${each}^{commit}`),
  );
  const facts = await describeCommits(
    root,
    hashes.flatMap((each) => each ?? []),
  );
  return new Map(
    short.flatMap((each, at) => {
      const known = facts.get(hashes[at] ?? "");
      return known ? [[each, known] as const] : [];
    }),
  );
}

function historyBuild(
  { tag, stamp, image, when }: Found,
  before: Found | undefined,
  world: {
    readonly each: { readonly image: string };
    readonly stable: string | undefined;
    readonly hold: Hold | undefined;
    readonly commits: ReadonlyMap<string, CommitFacts>;
    readonly catalogue: Catalogue;
    readonly further: ReadonlyMap<string, string>;
  },
): HistoryBuild {
  const { each, stable, hold, commits, catalogue, further } = world;
  const own = [...further].flatMap(([name, digest]) => (digest === image.digest ? [name] : [])).sort();
  const withdrawal = withdrawalOf(catalogue.settings, buildOf(each.image, image));
  const left = hold?.tags.some((tags) => tags.left.some(({ digest }) => digest === image.digest));
  const commit = commits.get(stamp.commit);
  const crumbs = [...image.crumbs.science, ...(image.crumbs.compat ? [image.crumbs.compat] : [])];
  const refreshed = crumbs
    .filter((crumb) => crumb.tag.endsWith(`-r${stamp.refresh}`))
    .flatMap((crumb) => crumb.refreshed ?? []);
  return {
    tag,
    digest: image.digest,
    states: [
      ...(image.digest === stable ? ["stable" as const] : []),
      ...(left === true ? ["left" as const] : []),
      ...(withdrawal ? ["withdrawn" as const] : []),
    ],
    ...(own.length > 0 && { tags: own }),
    ...(when !== undefined && { when }),
    ...(commit && { commit }),
    ...(before && { changed: changedParts(image.crumbs, before.image.crumbs) }),
    ...(refreshed.length > 0 && { refreshed: [...new Set(refreshed)].join(" ") }),
    ...(withdrawal && { withdrawn: withdrawal.reason }),
  };
}

const noSuchImage = (name: string): Diagnostic =>
  error("no-such-image", `the registry has no build of ${name}`, {
    help: "image-builder images lists what can be pulled",
  });
