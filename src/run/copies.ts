import { lastingTags } from "../catalogue/further-tags.ts";
import { imageVersion } from "../catalogue/graph.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { definitionsOf, relReference, sciReference } from "../judge/definitions.ts";
import { imagePlatform } from "../oci/platform.ts";
import type { Plan } from "../plan/model.ts";
import { type CopyOutcome, type CopyUnit, copyUnits } from "../publish/copies.ts";
import { journalFolder } from "../publish/journal.ts";
import type { PublishedBuild } from "../publish/publish-stable.ts";
import type { RunJournal } from "../publish/run-events.ts";
import { tagPlace } from "../publish/tags.ts";
import { buildMark } from "../published/build-mark.ts";
import { readPublishedImage } from "../published/image.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import { lockPublishing } from "./locks.ts";
import { runName } from "./provenance.ts";
import type { Session } from "./session.ts";

export type { CopyOutcome } from "../publish/copies.ts";

/** Takes what a run has published to the copies. Empty, and nothing is asked, where there are none. */
export async function copyPublished(
  session: Session,
  { builds }: Pick<Plan, "builds">,
  published: readonly PublishedBuild[],
  journal: Pick<RunJournal, "write">,
): Promise<readonly CopyOutcome[]> {
  const byId = new Map(published.map((each) => [each.id, each]));
  const units = new Map<string, PublishedBuild[]>();
  // The users' image first, then the science layers from the final one downwards, as at home.
  const ordered = [
    ...builds.filter(({ kind }) => kind === "compat"),
    ...builds.filter(({ kind }) => kind === "science").reverse(),
  ];
  for (const build of ordered) {
    const image = byId.get(build.id);
    if (image) units.set(imageVersion(build), [...(units.get(imageVersion(build)) ?? []), image]);
  }
  const all = [...units].map(([image, images]) => ({
    image,
    unique: images.map(({ unique }) => unique),
    stable: images.flatMap(({ stable, further = [] }) => (stable === undefined ? [] : [stable, ...further])),
  }));
  return follow(session, all, (reference, digest) => journal.write({ event: "copied", reference, digest }));
}

/** Takes tags to the copies that were moved at home without a build. */
export const copyMoved = (
  session: Session,
  units: readonly { readonly image: string; readonly moves: readonly { readonly reference: string }[] }[],
): Promise<readonly CopyOutcome[]> =>
  follow(
    session,
    units.map(({ image, moves }) => ({ image, unique: [], stable: moves.map(({ reference }) => reference) })),
  );

/**
 * Brings the copies to where home is, for every image-version that has a definition or is adopted, and builds nothing. Throws
 * `RefusedError` where the catalogue has no copies.
 */
export async function updateCopies(
  session: Session,
  { lock }: { readonly lock?: "git" | undefined } = {},
  watch: { warned?(warnings: readonly Diagnostic[]): void } = {},
): Promise<readonly CopyOutcome[]> {
  const { copies } = (await session.catalogue()).settings;
  if (copies.length === 0) throw new RefusedError([noCopies()]);
  const folder = journalFolder((await session.repository()).gitDir);
  const locks = await lockPublishing(session, { folder, lock, run: runName({ stamp: "copies" }, new Date()) }, watch);
  try {
    return await follow(session, await everyUnit(session));
  } finally {
    await locks.release();
  }
}

const noCopies = (): Diagnostic =>
  error("no-copies", "this catalogue has no copies to bring up to date", {
    help: 'name them in image-builder.json: "copies": ["ghcr.io/example/images"]; with --repo there are none',
  });

async function follow(
  session: Session,
  units: readonly CopyUnit[],
  copied?: Parameters<typeof copyUnits>[1]["copied"],
): Promise<readonly CopyOutcome[]> {
  const { copies, repo } = (await session.catalogue()).settings;
  if (copies.length === 0 || units.length === 0) return [];
  const registries = await session.moving();
  return copyUnits(units, { repo, copies, registries, signal: session.signal, ...(copied && { copied }) });
}

/** Tags of days are those of the runs that moved them. */
async function everyUnit(session: Session): Promise<CopyUnit[]> {
  const catalogue = await session.catalogue();
  const registries = await session.moving();
  const { finals, adopted } = definitionsOf(catalogue);
  const units = new Map<string, string[]>();
  const add = (image: string, references: readonly string[]) =>
    units.set(image, [...(units.get(image) ?? []), ...references]);
  for (const layer of finals.values()) add(imageVersion(layer), withFurther(relReference(catalogue, layer), layer));
  for (const each of adopted.values()) add(imageVersion(each), [relReference(catalogue, each)]);
  for (const layer of catalogue.science) {
    const stable = sciReference(catalogue, layer);
    add(imageVersion(layer), layer.compat === undefined ? withFurther(stable, layer) : [stable]);
  }
  return mapBounded([...units], 8, async ([image, stable]) => {
    const unique = await Promise.all(stable.map((reference) => uniqueReference(registries, reference)));
    return { image, unique: unique.flatMap((each) => each ?? []), stable };
  });
}

const withFurther = (stable: string, layer: Parameters<typeof lastingTags>[0]): string[] => [
  stable,
  ...lastingTags(layer).map((tag) => `${stable.slice(0, stable.lastIndexOf(":"))}:${tag}`),
];

/** Of the build that a stable tag holds; undefined where it holds none, or one that does not say what it is. */
async function uniqueReference(registries: Registries, stable: string): Promise<string | undefined> {
  const image = await readPublishedImage(tagPlace(registries, stable), stable, imagePlatform);
  const tag = image && buildMark(image).tag;
  return tag === undefined ? undefined : `${stable.slice(0, stable.lastIndexOf(":"))}:${tag}`;
}
