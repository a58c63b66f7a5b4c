import { lastingTags } from "../catalogue/further-tags.ts";
import { finalLayers, imageVersion, scienceGraph } from "../catalogue/graph.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { sciencePath } from "../naming/layer-name.ts";
import { journalFolder } from "../publish/journal.ts";
import { applyRollback, planRollback, type RollbackPlan, releaseHold } from "../publish/rollback.ts";
import type { Hold } from "../published/hold.ts";
import { type CopyOutcome, copyMoved } from "./copies.ts";
import { lockPublishing } from "./locks.ts";
import { runName } from "./provenance.ts";
import type { Session } from "./session.ts";

export interface RollbackOptions {
  /** Name of a run, or an image-version as `nist-basic:1.0`. */
  readonly what: string;
  /** Unique tag to go back to, `1.0-41-f90dbd6`. */
  readonly to?: string | undefined;
  /** Only says what would be done. */
  readonly planOnly?: boolean;
  /** `git`: under a lock in the clone's remote, which all clones of it see. */
  readonly lock?: "git" | undefined;
}

export interface RolledBack extends RollbackPlan {
  /** What became of the copies of the home repository; absent where there are none, or nothing was done. */
  readonly copies?: readonly CopyOutcome[];
}

/**
 * Puts stable tags back to what they pointed to before a run, or to an earlier build, and keeps them there until the definition
 * changes or the hold is released (B36). Returns the plan it followed. A catalogue with errors is no reason to leave users with a
 * bad image: only its settings count here.
 */
export async function rollback(
  session: Session,
  { what, to, planOnly, lock }: RollbackOptions,
  watch: { warned?(warnings: readonly Diagnostic[]): void } = {},
): Promise<RolledBack> {
  const catalogue = await session.catalogue();
  const { repo, withdrawn } = catalogue.settings;
  const { gitDir } = await session.repository();
  const registries = await session.moving();
  const moving = { registries, folder: journalFolder(gitDir), signal: session.signal, withdrawn };
  const started = new Date();
  const further = catalogue.science.filter((each) => imageVersion(each) === what).flatMap(lastingTags);
  const bare = pathOfBare(catalogue, what);
  const request = {
    ...(bare !== undefined && { bare }),
    what,
    repo,
    further,
    now: started.toISOString(),
    ...moving,
    ...(to !== undefined && { to }),
  };
  if (planOnly) return planRollback(request);
  const run = runName({ stamp: "rollback" }, started);
  const locks = await lockPublishing(session, { folder: moving.folder, lock, run }, watch);
  try {
    const plan = await planRollback(request);
    await locks.check();
    const movedOn = await applyRollback(plan, { ...moving, run, started: started.toISOString() });
    const copies = await copyMoved(session, plan.units);
    const warnings = [...plan.warnings, ...[...movedOn].map(tagMovedOn)];
    return { ...plan, warnings, ...(copies.length > 0 && { copies }) };
  } finally {
    await locks.release();
  }
}

/** Where an image-version lies that has no interface. */
function pathOfBare({ science }: Catalogue, what: string): string | undefined {
  const [final] = finalLayers(scienceGraph(science)).get(what) ?? [];
  return final && final.compat === undefined ? sciencePath(final.target) : undefined;
}

/** Lets an image-version that was rolled back go on: the next build of it moves its tags again. */
export async function release(session: Session, image: string): Promise<Hold> {
  const { repo } = (await session.catalogue()).settings;
  return releaseHold(image, repo, await session.moving());
}

const tagMovedOn = (reference: string): Diagnostic =>
  warning("tag-moved-on", `${reference} was moved on by somebody else right after the rollback`, {
    help: "see who else publishes, then roll back again",
  });
