import type { ChangeSet } from "../changes/model.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { claimLogFolder, createLogs, type Logs } from "../engines/logs.ts";
import type { Environment } from "../engines/processes.ts";
import type { Plan } from "../plan/model.ts";
import type { Session } from "./session.ts";

/** One execution of a plan. */
export interface Run {
  /** Sorts by time and says what was built: `20240131T093001Z-42-f90dbd6`. */
  readonly name: string;
  readonly started: Date;
  /** Seconds since the epoch: the time of what is made in the run. */
  readonly created: number;
  /** The same for what comes out alike in every clone (B54): the commit's. Undefined where a commit does not tell what is made. */
  readonly committed?: number;
  readonly logs: Logs;
}

export async function startRun(
  session: Session,
  { plan, changes }: { readonly plan: Pick<Plan, "stamp" | "dirty">; readonly changes: Pick<ChangeSet, "head"> },
): Promise<Run> {
  const { environment } = session;
  const started = new Date();
  const fixed = fixedTime(environment);
  const committed = fixed ?? (plan.dirty ? undefined : changes.head.committed);
  const created = fixed ?? started.getTime() / 1000;
  const { gitDir } = await session.repository();
  const { run: name, folder } = await claimLogFolder(environment, gitDir, runName(plan, started));
  const { redactLog } = await session.secrets();
  const logs = createLogs(folder, redactLog);
  return { name, started, created, ...(committed !== undefined && { committed }), logs };
}

/**
 * Seconds since the epoch that every image of a run is to say it was made at: `SOURCE_DATE_EPOCH`
 * (https://reproducible-builds.org/specs/source-date-epoch/). Undefined where it is not set.
 */
function fixedTime(environment: Environment): number | undefined {
  const fixed = environment["SOURCE_DATE_EPOCH"];
  if (fixed === undefined || fixed === "") return undefined;
  if (/^\d{1,12}$/.test(fixed) && Number(fixed) <= lastSecond) return Number(fixed);
  throw new RefusedError([
    error(
      "bad-environment",
      `SOURCE_DATE_EPOCH is ${JSON.stringify(fixed)}; whole seconds since the epoch are expected, up to the year 9999`,
      {
        help: 'SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)"',
      },
    ),
  ]);
}

/** The end of the year 9999: no date of RFC 3339, which images have, is later. */
const lastSecond = 253_402_300_799;

export const runName = ({ stamp }: Pick<Plan, "stamp">, started: Date): string =>
  `${started.toISOString().replace(/[-:]|\.\d+/g, "")}-${stamp}`;
