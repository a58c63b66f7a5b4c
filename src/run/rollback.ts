import { journalFolder } from "../publish/journal.ts";
import { applyRollback, planRollback, type RollbackPlan } from "../publish/rollback.ts";
import { runName } from "./provenance.ts";
import type { Session } from "./session.ts";

export interface RollbackOptions {
  /** Name of a run, or an image-version as `nist-basic:1.0`. */
  readonly what: string;
  /** Unique tag to go back to, or only its end. */
  readonly to?: string | undefined;
  /** Only says what would be done. */
  readonly planOnly?: boolean;
}

/**
 * Puts stable tags back to what they pointed to before a run, or to an earlier build. Returns the plan it followed. A
 * catalogue with errors is no reason to leave users with a bad image: only its settings count here.
 */
export async function rollback(session: Session, { what, to, planOnly }: RollbackOptions): Promise<RollbackPlan> {
  const { repo, withdrawn } = (await session.catalogue()).settings;
  const { gitDir } = await session.repository();
  const registries = await session.moving();
  const moving = { registries, folder: journalFolder(gitDir), signal: session.signal, withdrawn };
  const plan = await planRollback({ what, repo, ...moving, ...(to !== undefined && { to }) });
  if (planOnly || plan.units.length === 0) return plan;
  const started = new Date();
  await applyRollback(plan, {
    ...moving,
    run: runName({ stamp: "rollback" }, started),
    started: started.toISOString(),
  });
  return plan;
}
