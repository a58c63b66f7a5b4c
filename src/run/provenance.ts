import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { createLogs, type Logs, logFolder } from "../engines/logs.ts";
import type { Environment } from "../engines/processes.ts";
import type { Plan } from "../plan/model.ts";
import type { Session } from "./session.ts";

/** One execution of a plan. */
export interface Run {
  /** Sorts by time and says what was built: `20240131T093001Z-42-f90dbd6`. */
  readonly name: string;
  readonly started: Date;
  /** Seconds since the epoch: the time of every image of the run. */
  readonly created: number;
  readonly logs: Logs;
}

export async function startRun(session: Session, plan: Pick<Plan, "stamp">): Promise<Run> {
  const { environment } = session;
  const started = new Date();
  const name = runName(plan, started);
  const { redactLog } = await session.secrets();
  const logs = createLogs(logFolder(environment, name), redactLog);
  return { name, started, created: creationTime(environment, started), logs };
}

/**
 * Seconds since the epoch that every image of a run says it was made at: `SOURCE_DATE_EPOCH`
 * (https://reproducible-builds.org/specs/source-date-epoch/), else the time given, with its fraction.
 */
function creationTime(environment: Environment, started: Date): number {
  const fixed = environment["SOURCE_DATE_EPOCH"];
  if (fixed === undefined || fixed === "") return started.getTime() / 1000;
  if (/^\d{1,12}$/.test(fixed)) return Number(fixed);
  throw new RefusedError([
    error(
      "bad-environment",
      `SOURCE_DATE_EPOCH is ${JSON.stringify(fixed)}; whole seconds since the epoch are expected`,
      {
        help: 'SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)"',
      },
    ),
  ]);
}

export const runName = ({ stamp }: Pick<Plan, "stamp">, started: Date): string =>
  `${started.toISOString().replace(/[-:]|\.\d+/g, "")}-${stamp}`;
