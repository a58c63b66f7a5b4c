import { journalFolder } from "../publish/journal.ts";
import { readRunEvents, runsOf } from "../publish/run-events.ts";
import type { Session } from "./session.ts";

/** Seconds, by id: of the newest run of this clone that made it. */
export async function durations(
  session: Pick<Session, "repository">,
  ids: ReadonlySet<string>,
): Promise<Map<string, number>> {
  const folder = journalFolder((await session.repository()).gitDir);
  const found = new Map<string, number>();
  for (const run of (await runsOf(folder)).slice(-most)) {
    for (const each of (await readRunEvents(folder, run)) ?? []) {
      if (each.event !== "build-ended" || each.outcome !== "done" || !ids.has(each.id)) continue;
      if (each.seconds !== undefined) found.set(each.id, Math.round(each.seconds * 10) / 10);
    }
  }
  return found;
}

/** Runs that are looked at. */
const most = 30;
