import { type BuildResult, imageIn } from "../engines/run-model.ts";
import type { Plan } from "../plan/model.ts";
import { journalFolder } from "../publish/journal.ts";
import { openRunJournal, type RunJournal, readRunEvents, type WrittenEvent } from "../publish/run-events.ts";
import type { BuildWatch, Outcome } from "./model.ts";
import type { Session } from "./session.ts";

/** Does what a run does, and writes it down in the clone as it happens. */
export async function journaled(
  session: Session,
  run: string,
  { repo, commit, stamp, builds }: Pick<Plan, "repo" | "commit" | "stamp" | "builds">,
  watch: BuildWatch,
  use: (watch: BuildWatch, journal: RunJournal) => Promise<Outcome>,
): Promise<Outcome> {
  const journal = await openRunJournal(journalFolder((await session.repository()).gitDir), run);
  journal.write({ event: "run-started", run, repo, commit, stamp });
  journal.write({ event: "planned", builds: builds.map(({ id }) => id) });
  let outcome: "done" | "failed" = "failed";
  try {
    const made = await use(watchedBy(watch, journal), journal);
    if (made.results.every((each) => each.outcome === "done" || each.outcome === "present")) outcome = "done";
    return made;
  } finally {
    journal.write({ event: "run-ended", outcome });
    journal.close();
  }
}

/** Tells the journal, and whoever watches, what happens. */
const watchedBy = (watch: BuildWatch, journal: RunJournal): BuildWatch => ({
  planned: (planned) => watch.planned?.(planned),
  warned: (warnings) => watch.warned?.(warnings),
  started(id) {
    journal.write({ event: "build-started", id });
    watch.started?.(id);
  },
  said(id, line) {
    if (isStep(line)) journal.write({ event: "step", id, text: line.slice(0, longest) });
    watch.said?.(id, line);
  },
  tested(id, test) {
    journal.write({
      event: "tested",
      id,
      name: test.name.slice(0, longest),
      outcome: test.outcome,
      seconds: test.seconds,
    });
    watch.tested?.(id, test);
  },
  pushed(id, reference, digest) {
    journal.write({ event: "pushed", id, reference, digest });
    watch.pushed?.(id, reference, digest);
  },
  finished(result) {
    journal.write(ended(result));
    watch.finished?.(result);
  },
});

/** Characters. */
const longest = 500;

/** As the classic builder, BuildKit and buildah announce an instruction. */
const isStep = (line: string): boolean => /^(Step \d+\/\d+ :|STEP \d+(\/\d+)?:|#\d+ \[[^\]]+\] )/.test(line);

function ended(result: BuildResult) {
  const digest = imageIn(result)?.manifest;
  return {
    event: "build-ended" as const,
    id: result.id,
    outcome: result.outcome,
    ...("seconds" in result && { seconds: result.seconds }),
    ...(digest !== undefined && { digest }),
    ...("problems" in result && { codes: result.problems.map(({ code }) => code) }),
  };
}

/** What happened in a run of this clone, also in one that was killed or still goes on; undefined for one without a journal. */
export async function runEvents(session: Session, run: string): Promise<readonly WrittenEvent[] | undefined> {
  return readRunEvents(journalFolder((await session.repository()).gitDir), run);
}
