import type { WithdrawnImage } from "../catalogue/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import type { Digest } from "../oci/digest.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import { type Journal, writeJournal } from "./journal.ts";
import { type Restored, restoreUnits } from "./restore.ts";
import { digestOf, pointTag, tagPlace } from "./tags.ts";
import type { TagMove, TagUnit } from "./units.ts";
import { withdrawnMoves } from "./withdrawn.ts";

export interface MoveOptions {
  /** Not ended by `signal`, since what was begun is undone with them. */
  readonly registries: Registries;
  /** Where journals are kept. */
  readonly folder: string;
  readonly signal: AbortSignal;
  /** Builds that no stable tag may point at. */
  readonly withdrawn?: readonly WithdrawnImage[];
  /** Why a tag that somebody else has moved since the run looked may not go on from there; no such tag may when undefined. */
  readonly whyNotFrom?: (move: TagMove, now: Digest) => Promise<Diagnostic | undefined>;
  /** Builds that another run has published first: it may have moved tags to them, too, and relies on them. */
  readonly shared?: ReadonlySet<Digest>;
  /** Told of each tag that was moved. */
  readonly moved?: (move: TagMove) => void;
}

/**
 * Moves stable tags, all or none. A registry offers no transaction over several tags: meanwhile a reader sees some moved and
 * others not, each of them on a complete image. Throws `FailedError` when it went wrong, with what became of the tags, and
 * `RefusedError` before it moves one to a withdrawn build. Returns the references that another run has moved on since.
 */
export async function moveTags(journal: Journal, options: MoveOptions): Promise<ReadonlySet<string>> {
  const refused = await withdrawnMoves(journal.units, options.withdrawn ?? [], options.registries);
  if (refused.length > 0) throw new RefusedError(refused);
  await writeJournal(options.folder, { ...journal, state: "moving" });
  const done: TagMove[] = [];
  const overtaken: OvertakenError[] = [];
  try {
    await moveUnits(journal.units, options, (move) => done.push(move), overtaken);
    const own = journal.units.filter(({ image }) => !overtaken.some((each) => each.image === image));
    const movedOn = await confirmUnits(own, options, (move) => done.push(move));
    await writeJournal(options.folder, { ...journal, state: "done" });
    if (overtaken.length === 0) return movedOn;
  } catch (cause) {
    throw await undo(journal, ownMoves(journal.units, done), cause, options);
  }
  throw new FailedError([...overtaken.flatMap(({ diagnostics }) => diagnostics), leftToOthers(overtaken)]);
}

/**
 * A run of a newer commit, or of one beside this, has moved tags of an image-version meanwhile. They are left to it: to put back
 * anything now would be a race with a run that may be anywhere between its tags.
 */
class OvertakenError extends FailedError {
  readonly image: string;

  constructor(image: string, diagnostics: readonly Diagnostic[]) {
    super(diagnostics);
    this.image = image;
  }
}

const leftToOthers = (overtaken: readonly OvertakenError[]): Diagnostic =>
  error(
    "left-to-another-run",
    `${overtaken.map(({ image }) => image).join(", ")}: left to the run that has moved tags of it`,
    {
      notes: [{ message: "the tags of all other image-versions were moved" }],
      help: "publish the newest commit; nothing is built twice",
    },
  );

/** Different image-versions side by side, the tags of each in their order. `done`: told of those that this call moved. */
export async function moveUnits(
  units: readonly TagUnit[],
  options: MoveOptions,
  done: (move: TagMove) => void = () => undefined,
  overtaken: OvertakenError[] = [],
): Promise<void> {
  await mapBounded(units, 8, async ({ image, moves }) => {
    for (const move of moves) {
      options.signal.throwIfAborted();
      const why = await moveTag(move, options, done);
      if (why === undefined) continue;
      overtaken.push(new OvertakenError(image, why));
      return;
    }
  });
}

/**
 * What another run has put there already is not moved by this one, and so not taken back by it either. Returns why the tag is another
 * run's; undefined when it is where it is to be.
 */
async function moveTag(
  move: TagMove,
  options: MoveOptions,
  done: (move: TagMove) => void,
): Promise<readonly Diagnostic[] | undefined> {
  const place = tagPlace(options.registries, move.reference);
  const now = await digestOf(place);
  if (now === move.to) return undefined;
  const why = now === move.from ? undefined : await whyOvertaken(move, now, options);
  if (why !== undefined) return why;
  // Told before it is done: whether a request that broke off has moved the tag, the registry says when it is taken back.
  const own = { reference: move.reference, ...(now !== undefined && { from: now }), to: move.to };
  done(own);
  await pointTag(place, move.to);
  options.moved?.(own);
  return undefined;
}

/** A tag that is gone meanwhile is made again: another run that failed has taken away what it had put there. */
async function whyOvertaken(
  move: TagMove,
  now: Digest | undefined,
  { whyNotFrom }: MoveOptions,
): Promise<readonly Diagnostic[] | undefined> {
  if (whyNotFrom === undefined) throw movedMeanwhile(move, now);
  const why = now === undefined ? undefined : await whyNotFrom(move, now);
  return why && [...movedMeanwhile(move, now).diagnostics, why];
}

const rounds = 3;

/**
 * Reads every tag again after the last one was moved. A registry compares nothing before it writes: what an older run wrote over
 * this one's, in the moment between its look and its write, is put right here. Returns what a newer run has moved on.
 */
async function confirmUnits(
  units: readonly TagUnit[],
  options: MoveOptions,
  done: (move: TagMove) => void,
): Promise<ReadonlySet<string>> {
  const movedOn = new Set<string>();
  await mapBounded(units, 8, async ({ moves }) => {
    for (const move of moves) if (!(await confirmTag(move, options, done))) movedOn.add(move.reference);
  });
  return movedOn;
}

/** False where the tag is another's by now. */
async function confirmTag(move: TagMove, options: MoveOptions, done: (move: TagMove) => void): Promise<boolean> {
  const { registries, whyNotFrom } = options;
  const place = tagPlace(registries, move.reference);
  for (let round = 0; round < rounds; round += 1) {
    const now = await digestOf(place);
    if (now === move.to) return true;
    const isForeign = now !== undefined && now !== move.from;
    if (isForeign && (whyNotFrom === undefined || (await whyNotFrom(move, now)))) return false;
    if (await moveTag({ ...move, ...(now !== undefined && { from: now }) }, options, done)) return false;
  }
  throw new FailedError([
    error("tag-does-not-stay", `${move.reference} does not stay on ${move.to}, which was put there ${rounds} times`, {
      help: "see who else publishes, or whether the registry keeps what it accepts",
    }),
  ]);
}

/** The moves of each unit that were this run's own, with what each tag pointed to right before the first of them. */
function ownMoves(units: readonly TagUnit[], done: readonly TagMove[]): TagUnit[] {
  const own = new Map<string, TagMove>();
  for (const move of done) if (!own.has(move.reference)) own.set(move.reference, move);
  return units.map(({ image, moves }) => ({
    image,
    moves: moves.flatMap(({ reference }) => own.get(reference) ?? []),
  }));
}

/** An image-version of which any build is another run's as well stays where it is: that run has said that its tags point there. */
const withoutShared = (units: readonly TagUnit[], shared: ReadonlySet<Digest>): TagUnit[] =>
  units.filter(({ moves }) => !moves.some(({ to }) => shared.has(to)));

async function undo(
  journal: Journal,
  units: readonly TagUnit[],
  cause: unknown,
  { registries, folder, signal, shared }: MoveOptions,
): Promise<FailedError> {
  const restored = await restoreUnits(withoutShared(units, shared ?? new Set()), registries);
  if (restored.failures.length === 0) await writeJournal(folder, { ...journal, state: "restored" });
  const what = signal.aborted ? [interrupted()] : diagnosticsOf(cause);
  return new FailedError([...what, ...restored.failures, outcome(restored, journal)], { cause });
}

/** What a person wants to know next: what was not touched. */
function outcome({ failures, left }: Restored, { run }: Journal): Diagnostic {
  const notes = left.map((reference) => ({
    message: `still new, since its registry does not delete tags: ${reference}`,
  }));
  if (failures.length > 0) {
    return error("tags-half-moved", "not every stable tag could be put back", {
      notes,
      help: `run the same again, which finishes what was begun, or: image-builder rollback ${run}`,
    });
  }
  const message =
    left.length === 0
      ? "every stable tag that this run moved is as it was before"
      : "stable tags that were there before are as they were";
  return error("tags-restored", message, { notes, help: "run the same again; nothing is built twice" });
}

const interrupted = (): Diagnostic => error("interrupted", "publishing was interrupted");

const diagnosticsOf = (cause: unknown): readonly Diagnostic[] =>
  cause instanceof FailedError
    ? cause.diagnostics
    : [error("publish-failed", cause instanceof Error ? cause.message : String(cause))];

const movedMeanwhile = ({ reference, from, to }: TagMove, now: Digest | undefined): FailedError =>
  new FailedError([
    error("tag-moved-meanwhile", `${reference} was moved by somebody else while this run was building`, {
      notes: [
        { message: `when the run began: ${from ?? "not there"}` },
        { message: `now: ${now ?? "not there"}` },
        { message: `this run built: ${to}` },
      ],
      help: "see who else publishes, then run it again",
    }),
  ]);
