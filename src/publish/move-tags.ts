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
}

/**
 * Moves stable tags, all or none. A registry offers no transaction over several tags: meanwhile a reader sees some moved and
 * others not, each of them on a complete image. Throws `FailedError` when it went wrong, with what became of the tags, and
 * `RefusedError` before it moves one to a withdrawn build.
 */
export async function moveTags(journal: Journal, options: MoveOptions): Promise<void> {
  const refused = withdrawnMoves(journal.units, options.withdrawn ?? []);
  if (refused.length > 0) throw new RefusedError(refused);
  await writeJournal(options.folder, { ...journal, state: "moving" });
  try {
    await moveUnits(journal.units, options);
  } catch (cause) {
    throw await undo(journal, cause, options);
  }
  await writeJournal(options.folder, { ...journal, state: "done" });
}

/** Different image-versions side by side, the tags of each in their order. */
export async function moveUnits(units: readonly TagUnit[], { registries, signal }: MoveOptions): Promise<void> {
  await mapBounded(units, 8, async ({ moves }) => {
    for (const move of moves) {
      signal.throwIfAborted();
      await moveTag(move, registries);
    }
  });
}

async function moveTag(move: TagMove, registries: Registries): Promise<void> {
  const place = tagPlace(registries, move.reference);
  const now = await digestOf(place);
  if (now === move.to) return;
  if (now !== move.from) throw movedMeanwhile(move, now);
  await pointTag(place, move.to);
}

async function undo(
  journal: Journal,
  cause: unknown,
  { registries, folder, signal }: MoveOptions,
): Promise<FailedError> {
  const restored = await restoreUnits(journal.units, registries);
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
    left.length === 0 ? "every stable tag is as it was before" : "stable tags that were there before are as they were";
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
