import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { compatLabel } from "../naming/labels.ts";
import { releasePath, sciencePath } from "../naming/layer-name.ts";
import type { Digest } from "../oci/digest.ts";
import { imagePlatform } from "../oci/platform.ts";
import { parseReference } from "../oci/reference.ts";
import { readPublishedImage } from "../published/image.ts";
import type { Registries } from "../registry/model.ts";
import { type Journal, readJournals } from "./journal.ts";
import { type MoveOptions, moveTags } from "./move-tags.ts";
import { digestOf, tagPlace } from "./tags.ts";
import type { TagMove, TagUnit } from "./units.ts";

/** What a rollback will do, made without doing it. Survives JSON. */
export interface RollbackPlan {
  readonly formatVersion: 1;
  /** `run 2026-11-22T…` or `nist-basic:1.0`. */
  readonly what: string;
  readonly repo: string;
  /** `from`: where the tags point now. */
  readonly units: readonly TagUnit[];
  readonly warnings: readonly Diagnostic[];
}

export interface RollbackRequest {
  /** Name of a run, or an image-version as `nist-basic:1.0`. */
  readonly what: string;
  /** Unique tag to go back to, `1.0-41-f90dbd6`; only with an image-version. */
  readonly to?: string;
  readonly repo: string;
  readonly folder: string;
  readonly registries: Registries;
}

/** Throws `RefusedError` when there is nothing to go back to. */
export async function planRollback(request: RollbackRequest): Promise<RollbackPlan> {
  const journals = await readJournals(request.folder);
  const journal = journals.find(({ run }) => run === request.what);
  if (journal && request.to !== undefined) throw new RefusedError([tagOfRun()]);
  const { units, warnings } = journal
    ? await unitsOfRun(journal, request.registries)
    : await unitsOfImage(journals, request);
  const what = journal ? `run ${request.what}` : request.what;
  return { formatVersion: 1, what, repo: request.repo, units: units.filter(({ moves }) => moves.length > 0), warnings };
}

/** Moves the tags as the plan says, from a journal of its own; `moveTags` says what is guaranteed. */
export const applyRollback = (
  { repo, units }: RollbackPlan,
  { run, started, ...options }: MoveOptions & { readonly run: string; readonly started: string },
): Promise<void> =>
  moveTags({ formatVersion: 1, run, started, repo, commit: "", stamp: "rollback", state: "moving", units }, options);

interface Units {
  readonly units: readonly TagUnit[];
  readonly warnings: readonly Diagnostic[];
}

/** An image-version goes back as a whole or not at all. */
async function unitsOfRun(journal: Journal, registries: Registries): Promise<Units> {
  const found = await Promise.all(
    journal.units.map(async (unit) => ({ unit, why: await whyNotBack(unit, registries) })),
  );
  const warnings = found.flatMap(({ unit, why }) =>
    why === undefined ? [] : [warning("rollback-left-alone", `${unit.image} is left as it is: ${why}`)],
  );
  return { units: found.filter(({ why }) => why === undefined).map(({ unit }) => backwards(unit)), warnings };
}

async function whyNotBack({ moves }: TagUnit, registries: Registries): Promise<string | undefined> {
  for (const { reference, from, to } of moves) {
    const place = tagPlace(registries, reference);
    if (from === undefined) return `there was no ${reference} before`;
    if ((await digestOf(place)) !== to) return `${reference} was moved since`;
    if (!(await digestOf({ ...place, target: from }))) return `${from} is not in the registry any more`;
  }
  return undefined;
}

const backwards = ({ image, moves }: TagUnit): TagUnit => ({
  image,
  moves: moves.flatMap(({ reference, from, to }) => (from === undefined ? [] : [{ reference, from: to, to: from }])),
});

async function unitsOfImage(journals: readonly Journal[], request: RollbackRequest): Promise<Units> {
  const reference = `${request.repo}/${releasePath(request.what)}`;
  if (!parseReference(reference)?.tag) throw new RefusedError([unknownRun(request.what, journals)]);
  const now = await digestOf(tagPlace(request.registries, reference));
  const to =
    request.to === undefined ? before(journals, reference, now) : await digestUnder(reference, request.to, request);
  if (to === undefined) throw new RefusedError([await nothingBefore(reference, request)]);
  const science = await scienceMove(reference, to, request);
  const moves = [moveTo(reference, now, to), ...(science ? [science] : [])].filter((move) => move.from !== move.to);
  return { units: [{ image: request.what, moves }], warnings: science ? [] : [withoutScience(request.what)] };
}

/** Where the tag was before the newest run that brought it to where it is now. */
const before = (journals: readonly Journal[], reference: string, now: Digest | undefined): Digest | undefined =>
  journals
    .filter(({ state }) => state === "done")
    .flatMap(({ units }) => units.flatMap(({ moves }) => moves))
    .findLast((move) => move.reference === reference && move.to === now)?.from;

async function digestUnder(reference: string, tag: string, { registries }: RollbackRequest): Promise<Digest> {
  const digest = await digestOf({ ...tagPlace(registries, reference), target: tag });
  if (digest) return digest;
  throw new RefusedError([error("no-such-tag", `${reference.replace(/:[^:/]*$/, "")} has no tag "${tag}"`)]);
}

/** The science image goes back to the one that the users' image was built on, so that the next interface update is built on it, too. */
async function scienceMove(
  reference: string,
  to: Digest,
  { repo, registries }: RollbackRequest,
): Promise<TagMove | undefined> {
  const { repository, target: tag } = tagPlace(registries, reference);
  const image = await readPublishedImage({ repository, target: to }, reference, imagePlatform);
  const base = parseReference(image?.labels[compatLabel("base")] ?? "");
  if (!base?.digest || !`${base.registry}/${base.repository}`.startsWith(`${repo}/${sciencePath("")}`))
    return undefined;
  const science = `${base.registry}/${base.repository}:${tag}`;
  return moveTo(science, await digestOf(tagPlace(registries, science)), base.digest);
}

const moveTo = (reference: string, from: Digest | undefined, to: Digest): TagMove => ({
  reference,
  ...(from === undefined ? {} : { from }),
  to,
});

async function nothingBefore(reference: string, { what, registries }: RollbackRequest): Promise<Diagnostic> {
  const { repository, target: tag } = tagPlace(registries, reference);
  const tags = (await repository.listings.tags()).filter((each) => each.startsWith(`${tag}-`));
  return error("nothing-to-go-back-to", `no run of this clone says what ${reference} was before`, {
    notes: tags.slice(-10).map((each) => ({ message: `published: ${each}` })),
    help: `name the build to go back to: image-builder rollback ${what} --to ${tags.at(-1) ?? "TAG"}`,
  });
}

const tagOfRun = (): Diagnostic =>
  error("rollback-to-of-run", "--to goes with an image-version; a run goes back to what was before it");

const unknownRun = (what: string, journals: readonly Journal[]): Diagnostic =>
  error("unknown-run", `"${what}" is neither a run of this clone nor an image-version`, {
    notes: journals
      .slice(-5)
      .map(({ run, units }) => ({ message: `${run}: ${units.map(({ image }) => image).join(", ")}` })),
    help: "write IMAGE:VERSION, or the name of a run",
  });

const withoutScience = (what: string): Diagnostic =>
  warning(
    "rollback-without-science",
    `the labels of ${what} do not say which science image it was built on; sci/ stays as it is`,
  );
