import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import { digestOf, pointTag, removeTag, tagPlace } from "./tags.ts";
import type { TagMove, TagUnit } from "./units.ts";

export interface Restored {
  /** References that were not there before and cannot be taken away. */
  readonly left: readonly string[];
  readonly failures: readonly Diagnostic[];
}

/** Puts tags that were moved back to where they were. Those that point elsewhere by now are somebody else's, and stay. */
export async function restoreUnits(units: readonly TagUnit[], registries: Registries): Promise<Restored> {
  const left: string[] = [];
  const failures: Diagnostic[] = [];
  await mapBounded(units, 8, async ({ moves }) => {
    // Backwards, and no further than it goes: a science tag that stays new must not lose the users' tag that goes with it.
    for (const move of [...moves].reverse()) {
      const isBack = await restoreTag(move, registries).catch((cause: unknown) => cause);
      if (isBack === true) continue;
      if (isBack === false) left.push(move.reference);
      else failures.push(cannotRestore(move, isBack));
      return;
    }
  });
  return { left, failures };
}

/** False when the tag cannot be taken away. */
async function restoreTag({ reference, from, to }: TagMove, registries: Registries): Promise<boolean> {
  const place = tagPlace(registries, reference);
  if ((await digestOf(place)) !== to) return true;
  if (from === undefined) return removeTag(place);
  await pointTag(place, from);
  if ((await digestOf(place)) === from) return true;
  throw new FailedError([error("tag-does-not-stay", "the registry took it and does not have it")]);
}

const cannotRestore = ({ reference, from }: TagMove, cause: unknown): Diagnostic =>
  error("tag-not-restored", `${reference} could not be put back to ${from ?? "nothing"}`, {
    notes:
      cause instanceof FailedError
        ? cause.diagnostics.flatMap(({ message, notes }) => [{ message }, ...notes])
        : [{ message: String(cause) }],
  });
