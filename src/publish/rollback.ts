import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { error, warning } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { parseImageTag, releasePath } from "../naming/layer-name.ts";
import type { Digest } from "../oci/digest.ts";
import { parseReference } from "../oci/reference.ts";
import { type Hold, readHold, writeHold } from "../published/hold.ts";
import type { Registries } from "../registry/model.ts";
import { buildsByAge, suggestion } from "./candidates.ts";
import { type HoldMaker, holdsFor } from "./hold-units.ts";
import { type Journal, readJournals, writeJournal } from "./journal.ts";
import { type MoveOptions, moveTags } from "./move-tags.ts";
import { scienceMove } from "./science-move.ts";
import { digestOf, tagPlace } from "./tags.ts";
import type { TagMove, TagUnit } from "./units.ts";
import { withdrawnMoves } from "./withdrawn.ts";

/** What a rollback will do, made without doing it. Survives JSON. */
export interface RollbackPlan {
  readonly formatVersion: 1;
  /** `run 2026-11-22T…` or `nist-basic:1.0`. */
  readonly what: string;
  readonly repo: string;
  /** `from`: where the tags point now. One whose tags point there already has no moves. */
  readonly units: readonly TagUnit[];
  /** What is noted in the registry, so that nothing undoes it (B36). */
  readonly holds: readonly Hold[];
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
  /** RFC 3339; of now. */
  readonly now: string;
  /** Unique tags that are withdrawn, by image: none of them is suggested. */
  readonly withdrawn?: readonly { readonly image: string; readonly tag: string }[];
  /** Tags that move with the stable tag of the image-version (B50). */
  readonly further?: readonly string[];
  /** Path of the repository of an image-version that has no interface (B51), `sci/base`; that of the users' image when absent. */
  readonly bare?: string;
}

/** Throws `RefusedError` when there is nothing to go back to. */
export async function planRollback(request: RollbackRequest): Promise<RollbackPlan> {
  const journals = (await readJournals(request.folder)).filter(({ repo }) => repo === request.repo);
  const journal = journals.find(({ run }) => run === request.what);
  if (journal && request.to !== undefined) throw new RefusedError([tagOfRun()]);
  const { units, warnings } = journal
    ? await unitsOfRun(journal, request.registries)
    : await unitsOfImage(journals, request);
  const what = journal ? `run ${request.what}` : request.what;
  const holds = await holdsFor(units, journals, request satisfies HoldMaker);
  const moving = units.map(({ image, moves }) => ({ image, moves: moves.filter((each) => each.from !== each.to) }));
  return { formatVersion: 1, what, repo: request.repo, units: moving, holds, warnings };
}

/**
 * Notes in the registry where each image-version stays, closes what killed runs wanted with it, and moves the tags as the plan
 * says, from a journal of its own; `moveTags` says what is guaranteed. The note comes first: between it and the last tag a fresh
 * clone sees a rollback that is not complete, and the same command again completes it.
 */
export async function applyRollback(
  { repo, units, holds }: RollbackPlan,
  { run, started, ...options }: MoveOptions & { readonly run: string; readonly started: string },
): Promise<ReadonlySet<string>> {
  const refused = await withdrawnMoves(units, options.withdrawn ?? [], options.registries);
  if (refused.length > 0) throw new RefusedError(refused);
  for (const hold of holds) {
    const name = parseImageTag(hold.image);
    if (name) await writeHold(usersRepository(name.image, repo, options.registries), name.tag, hold);
  }
  await closeUnits(
    units.map(({ image }) => image),
    repo,
    options.folder,
  );
  const moving = units.filter(({ moves }) => moves.length > 0);
  if (moving.length === 0) return new Set();
  return moveTags(
    { formatVersion: 1, run, started, repo, commit: "", stamp: "rollback", state: "moving", units: moving },
    options,
  );
}

/** Lets go of an image-version that was rolled back. Throws `RefusedError` where it is not. */
export async function releaseHold(image: string, repo: string, registries: Registries): Promise<Hold> {
  const name = parseImageTag(image);
  if (name === undefined) throw new RefusedError([noImageVersion(image)]);
  const users = usersRepository(name.image, repo, registries);
  const hold = await readHold(users, name.tag);
  if (hold?.state !== "held") throw new RefusedError([notHeld(image)]);
  const released: Hold = { ...hold, state: "released" };
  await writeHold(users, name.tag, released);
  return released;
}

const usersRepository = (image: string, repo: string, registries: Registries) =>
  tagPlace(registries, `${repo}/${releasePath(image)}`).repository;

/** A killed run must not go on with what somebody has decided otherwise since. */
async function closeUnits(images: readonly string[], repo: string, folder: string): Promise<void> {
  const broken = (await readJournals(folder)).filter((each) => each.state === "moving" && each.repo === repo);
  for (const journal of broken) {
    const units = journal.units.filter(({ image }) => !images.includes(image));
    if (units.length === journal.units.length) continue;
    await writeJournal(folder, units.length === 0 ? { ...journal, state: "restored" } : { ...journal, units });
  }
}

interface Units {
  readonly units: readonly TagUnit[];
  readonly warnings: readonly Diagnostic[];
}

/** An image-version goes back as a whole or not at all. */
async function unitsOfRun(journal: Journal, registries: Registries): Promise<Units> {
  const found = await Promise.all(
    journal.units.map(async (unit) => ({ unit, ...(await backwards(unit, journal, registries)) })),
  );
  const warnings = found.flatMap(({ unit, why }) =>
    why === undefined ? [] : [warning("rollback-left-alone", `${unit.image} is left as it is: ${why}`)],
  );
  return { units: found.flatMap(({ moves, unit }) => (moves ? [{ image: unit.image, moves }] : [])), warnings };
}

/** Of a run that broke off, some tags may be where they were: these stay. */
async function backwards(
  { image, moves }: TagUnit,
  { state }: Journal,
  registries: Registries,
): Promise<{ readonly moves?: readonly TagMove[]; readonly why?: string }> {
  const back: TagMove[] = [];
  for (const { reference, from, to } of moves) {
    const place = tagPlace(registries, reference);
    const now = await digestOf(place);
    // One that moves with the stable tag may be new, of a day for example, or another version's since: it stays where it is.
    const isFurther = !reference.endsWith(`:${parseImageTag(image)?.tag}`);
    if (isFurther && (from === undefined || (now !== to && now !== from))) continue;
    if (from === undefined) return { why: `there was no ${reference} before` };
    if (now !== to && !(state === "moving" && now === from)) return { why: `${reference} was moved since` };
    if (!(await digestOf({ ...place, target: from }))) return { why: `${from} is not in the registry any more` };
    back.push({ reference, from: now ?? to, to: from });
  }
  return { moves: back };
}

async function unitsOfImage(journals: readonly Journal[], request: RollbackRequest): Promise<Units> {
  const name = parseImageTag(request.what);
  const reference = name && `${request.repo}/${pathOf(name.image, request)}:${name.tag}`;
  if (name === undefined || reference === undefined || !parseReference(reference)?.tag)
    throw new RefusedError([unknownRun(request.what, journals)]);
  const now = await digestOf(tagPlace(request.registries, reference));
  const to = await targetOf(journals, reference, now, request, name);
  if (to === undefined) throw new RefusedError([await nothingBefore(reference, now, request)]);
  const science = request.bare === undefined ? await scienceMove(reference, to, request) : undefined;
  const further = await furtherMoves(journals, reference, now, to, request);
  const moves = [moveTo(reference, now, to), ...further, ...(science ? [science] : [])];
  return {
    units: [{ image: `${name.image}:${name.tag}`, moves }],
    warnings: science || request.bare !== undefined ? [] : [withoutScience(request.what)],
  };
}

const pathOf = (image: string, { bare }: Pick<RollbackRequest, "bare">): string => bare ?? releasePath(image);

/**
 * The tags that move with the stable one, those of days by what this clone has moved: the ones that hold the build which is left, also
 * where an earlier rollback was broken off between its tags.
 */
async function furtherMoves(
  journals: readonly Journal[],
  reference: string,
  now: Digest | undefined,
  to: Digest,
  request: RollbackRequest,
): Promise<TagMove[]> {
  const { registries, repo, what, further = [] } = request;
  const name = parseImageTag(what);
  const repository = reference.slice(0, reference.lastIndexOf(":") + 1);
  const moved = journals.flatMap(({ units }) =>
    units.filter(({ image }) => image === what).flatMap(({ moves }) => moves),
  );
  const known = moved.filter((each) => each.reference.startsWith(repository)).map((each) => each.reference);
  const references = new Set([...further.map((tag) => `${repository}${tag}`), ...known]);
  references.delete(reference);
  if (name === undefined || references.size === 0) return [];
  const hold = await readHold(usersRepository(name.image, repo, registries), name.tag);
  const users = hold?.state === "held" ? hold.tags.find(({ path }) => path === pathOf(name.image, request)) : undefined;
  const left = new Set([now, ...(users?.left.map(({ digest }) => digest) ?? [])]);
  const found = await Promise.all(
    [...references].map(async (each) => {
      const there = await digestOf(tagPlace(registries, each));
      return there !== undefined && there !== to && left.has(there) ? [moveTo(each, there, to)] : [];
    }),
  );
  return found.flat();
}

async function targetOf(
  journals: readonly Journal[],
  reference: string,
  now: Digest | undefined,
  request: RollbackRequest,
  { image, tag }: { readonly image: string; readonly tag: string },
): Promise<Digest | undefined> {
  if (request.to !== undefined) return digestUnder(reference, request.to, request);
  return (await begunBefore(image, tag, now, request)) ?? before(journals, reference, now);
}

/** Where a rollback goes that was broken off between its tags: this one completes it. */
async function begunBefore(
  image: string,
  version: string,
  now: Digest | undefined,
  request: RollbackRequest,
): Promise<Digest | undefined> {
  const { repo, registries } = request;
  const hold = await readHold(usersRepository(image, repo, registries), version);
  if (hold?.state !== "held") return undefined;
  const open = await Promise.all(
    hold.tags.map(async ({ path, to, left }) => {
      const there = await digestOf(tagPlace(registries, `${repo}/${path}:${version}`));
      return there !== to.digest && left.some(({ digest }) => digest === there);
    }),
  );
  const users = hold.tags.find(({ path }) => path === pathOf(image, request));
  return open.includes(true) && users?.to.digest === now ? now : undefined;
}

/** Where the tag was before the newest run that brought it to where it is now; where it is, for one that broke off before it did. */
function before(journals: readonly Journal[], reference: string, now: Digest | undefined): Digest | undefined {
  const moves = journals
    .filter(({ state }) => state !== "restored")
    .flatMap(({ state, units }) => units.flatMap(({ moves: all }) => all.map((move) => ({ ...move, state }))));
  const last = moves.findLast((move) => move.reference === reference && (move.to === now || move.state === "moving"));
  return last?.from;
}

async function digestUnder(reference: string, tag: string, { registries }: RollbackRequest): Promise<Digest> {
  const digest = await digestOf({ ...tagPlace(registries, reference), target: tag });
  if (digest) return digest;
  throw new RefusedError([error("no-such-tag", `${reference.replace(/:[^:/]*$/, "")} has no tag "${tag}"`)]);
}

const moveTo = (reference: string, from: Digest | undefined, to: Digest): TagMove => ({
  reference,
  ...(from === undefined ? {} : { from }),
  to,
});

async function nothingBefore(
  reference: string,
  now: Digest | undefined,
  { what, registries, withdrawn = [] }: RollbackRequest,
): Promise<Diagnostic> {
  const builds = await buildsByAge(reference, registries);
  if (builds.length === 0)
    return error("no-such-image", `the registry has no build of ${what}`, {
      help: "image-builder images lists what can be pulled",
    });
  const image = parseImageTag(what)?.image;
  const gone = new Set(withdrawn.filter((each) => each.image === image).map(({ tag }) => tag));
  const best = suggestion(builds, now, gone);
  return error("nothing-to-go-back-to", `no run of this clone says what ${reference} was before`, {
    notes: builds.slice(0, 10).map((each) => ({
      message: `published: ${each.tag}, ${each.built ?? "at a time it does not say"}${each.digest === now ? ", which it holds now" : ""}${gone.has(each.tag) ? ", withdrawn" : ""}`,
    })),
    help:
      best === undefined
        ? `there is no earlier build; image-builder history ${what} shows all`
        : `name the build to go back to, of which the one before is: image-builder rollback ${what} --to ${best.tag}`,
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

const noImageVersion = (image: string): Diagnostic =>
  error("bad-reference", `${JSON.stringify(image)} names no image-version`, { help: "write IMAGE:VERSION" });

const notHeld = (image: string): Diagnostic =>
  error("not-rolled-back", `${image} is not rolled back`, { help: "image-builder status shows what is" });

const withoutScience = (what: string): Diagnostic =>
  warning(
    "rollback-without-science",
    `the labels of ${what} do not say which science image it was built on; sci/ stays as it is`,
  );
