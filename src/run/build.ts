import { hasErrors } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { clearOnce } from "../disk/temporary.ts";
import { journalFolder } from "../publish/journal.ts";
import { publishProblems } from "../publish/problems.ts";
import { attest, signingKey } from "./attest.ts";
import { buildMissing } from "./build-missing.ts";
import { type Composed, compose } from "./compose.ts";
import { type Engines, openEngines } from "./engines.ts";
import { heedRegistry } from "./holds.ts";
import { journaled } from "./journal.ts";
import { type Locks, lockPublishing } from "./locks.ts";
import type { BuildRequest, BuildWatch, Outcome } from "./model.ts";
import { type Outlet, openOutlet } from "./outlet.ts";
import { type Planned, plan } from "./plan.ts";
import { startRun } from "./provenance.ts";
import { publishBuilt, surveyOutlet } from "./publish-built.ts";
import type { Session } from "./session.ts";

/**
 * Plans, composes, builds and, when asked, publishes (B24–B32). Throws before anything is built, or not at all for a build
 * that fails.
 */
export async function build(session: Session, request: BuildRequest = {}, told: BuildWatch = {}): Promise<Outcome> {
  // Also where nothing is built in the end: what a killed run has left is cleared beside the work.
  const clearing = clearOnce();
  const planned = await planToBuild(session, request, told).catch(after(clearing));
  const key = signingKey(session, request);
  const composed = await compose(session, planned, request);
  told.warned?.(composed.warnings);
  const run = await startRun(session, planned);
  told.began?.({ run: run.name, logs: run.logs.folder });
  return journaled(session, run.name, composed.plan, told, async (watch, journal) =>
    locked(session, request, run.name, watch, async (locks) => {
      const outlet = await openOutlet(session, request.output);
      const engines = await enginesFor(session, composed, outlet);
      try {
        const there = await surveyOutlet(session, outlet, composed, request, watch);
        const results = await buildMissing(session, composed, there, { outlet, engines, run }, request, watch);
        await locks?.check();
        const published = await publishBuilt(session, outlet, composed, results, there, run, request, journal);
        if (request.push && !request.noVerdict) watch.warned?.(await attest(session, outlet, published, run, key));
        return { plan: composed.plan, results, published, run: run.name, logs: run.logs.folder };
      } finally {
        await Promise.all([engines.close(), outlet.close()]);
      }
    }),
  );
}

const after =
  (clearing: Promise<void>) =>
  async (cause: unknown): Promise<never> => {
    await clearing;
    throw cause;
  };

async function enginesFor(session: Session, { engines }: Composed, outlet: Outlet): Promise<Engines> {
  const { redact } = await session.secrets();
  return openEngines(engines, { ...outlet, environment: session.environment, redact });
}

/** Where images are pushed, no other run of the clone moves tags meanwhile. */
async function locked<T>(
  session: Session,
  { push, lock }: BuildRequest,
  run: string,
  watch: BuildWatch,
  use: (locks: Locks | undefined) => Promise<T>,
): Promise<T> {
  if (!push) return use(undefined);
  const folder = journalFolder((await session.repository()).gitDir);
  const locks = await lockPublishing(session, { folder, lock, run }, watch);
  try {
    return await use(locks);
  } finally {
    await locks.release();
  }
}

/** What could not be read cannot be built; a build says so before anything else. */
async function planToBuild(session: Session, request: BuildRequest, watch: BuildWatch): Promise<Planned> {
  const made = request.planned ?? (await plan(session, { ...request, engines: undefined }));
  const planned = request.push
    ? { ...made, plan: await heedRegistry(session, made.plan, made, await session.moving()) }
    : made;
  if (planned.unread.length > 0) throw new FailedError(planned.unread);
  watch.planned?.(planned);
  const { push, allowOrphans = false } = request;
  const problems = push ? publishProblems(planned.plan, { allowOrphans }) : [];
  if (hasErrors(problems)) throw new RefusedError(problems);
  return planned;
}
