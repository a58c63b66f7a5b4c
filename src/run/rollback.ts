import type { Environment } from "../engines/processes.ts";
import { journalFolder } from "../publish/journal.ts";
import { applyRollback, planRollback, type RollbackPlan } from "../publish/rollback.ts";
import { createRegistries } from "../registry/registries.ts";
import type { LoadedWorld } from "./prepare.ts";
import { runName } from "./provenance.ts";

export interface RollbackOptions {
  /** Name of a run, or an image-version as `nist-basic:1.0`. */
  readonly what: string;
  /** Unique tag to go back to, or only its end. */
  readonly to?: string;
  /** Only says what would be done. */
  readonly planOnly: boolean;
  readonly signal: AbortSignal;
  readonly environment: Environment;
}

/** Puts stable tags back to what they pointed to before a run, or to an earlier build. Returns the plan it followed. */
export async function rollback(
  { catalogue, gitDir }: Pick<LoadedWorld, "catalogue" | "gitDir">,
  options: RollbackOptions,
): Promise<RollbackPlan> {
  const { what, to, signal, environment } = options;
  const { repo, insecure, withdrawn } = catalogue.settings;
  const registries = createRegistries({ insecure, environment });
  try {
    const moving = { registries, folder: journalFolder(gitDir), signal, withdrawn };
    const plan = await planRollback({ what, repo, ...moving, ...(to !== undefined && { to }) });
    if (options.planOnly || plan.units.length === 0) return plan;
    const started = new Date();
    await applyRollback(plan, {
      ...moving,
      run: runName({ stamp: "rollback" }, started),
      started: started.toISOString(),
    });
    return plan;
  } finally {
    await registries.close();
  }
}
