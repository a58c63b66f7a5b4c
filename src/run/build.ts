import { hasErrors } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { clearOnce } from "../disk/temporary.ts";
import { journalFolder } from "../publish/journal.ts";
import { publishProblems } from "../publish/problems.ts";
import type { RunJournal } from "../publish/run-events.ts";
import { TagLists } from "../registry/tag-lists.ts";
import { attest, signingKey } from "./attest.ts";
import { buildMissing } from "./build-missing.ts";
import { type Composed, compose } from "./compose.ts";
import { copyPublished } from "./copies.ts";
import { cutOf, foundBuilds, type Job, jobOf, ownPart, refuseAbsent } from "./cut.ts";
import { type Engines, openEngines } from "./engines.ts";
import { heedRegistry } from "./holds.ts";
import { journaled } from "./journal.ts";
import { reported } from "./junit.ts";
import { type Locks, lockPublishing } from "./locks.ts";
import type { BuildRequest, BuildWatch, Outcome } from "./model.ts";
import { type Outlet, openOutlet } from "./outlet.ts";
import { type Planned, plan } from "./plan.ts";
import { type Run, startRun } from "./provenance.ts";
import { publishBuilt, surveyOutlet } from "./publish-built.ts";
import { recorded } from "./results.ts";
import { learnSecrets } from "./secrets.ts";
import type { Session } from "./session.ts";

/**
 * Plans, composes, builds and, when asked, publishes (B24–B32). Throws before anything is built, or not at all for a build
 * that fails.
 */
export const build = (session: Session, request: BuildRequest = {}, told: BuildWatch = {}): Promise<Outcome> =>
  reported(request.junit, told, (watched) => buildPlanned(session, request, watched));

async function buildPlanned(session: Session, request: BuildRequest, told: BuildWatch): Promise<Outcome> {
  // Also where nothing is built in the end: what a killed run has left is cleared beside the work.
  const clearing = clearOnce();
  try {
    const made = await planFirst(session, request, told);
    const cut = cutOf(made.plan, request);
    const key = signingKey(session, request);
    const run = await startRun(session, made);
    return await recorded(request.results, made.plan, told, (watched) =>
      locked(session, { ...request, cut }, run.name, watched, async (locks) => {
        const lists = new TagLists();
        const planned = await heeded(session, made, request, watched, lists);
        const job = jobOf(await compose(session, planned, request), cut);
        watched.warned?.(job.warnings);
        watched.began?.({ run: run.name, logs: run.logs.folder });
        return journaled(session, run.name, job.plan, watched, (watch, journal) =>
          execute(session, job, request, { run, key, locks, lists, watch, journal }),
        );
      }),
    );
  } finally {
    await clearing;
  }
}

interface Execution {
  readonly run: Run;
  readonly key: ReturnType<typeof signingKey>;
  readonly locks: Locks | undefined;
  readonly lists: TagLists;
  readonly watch: BuildWatch;
  readonly journal: Pick<RunJournal, "write">;
}

async function execute(
  session: Session,
  job: Job,
  request: BuildRequest,
  { run, key, locks, lists, watch, journal }: Execution,
): Promise<Outcome> {
  const secrets = await learnSecrets(session, job.catalogue, request.secrets);
  const outlet = await openOutlet(session, request.output);
  const engines = await enginesFor(session, job, outlet);
  try {
    const there = await surveyOutlet(session, outlet, job, request, watch, lists);
    refuseAbsent(job, there);
    const results = request.foundOnly
      ? foundBuilds(job, there, request)
      : await buildMissing(session, job, there, { outlet, engines, run, secrets }, request, watch);
    const done = { plan: job.plan, results, run: run.name, logs: run.logs.folder };
    if (job.cut) return { ...done, ...ownPart(job, results) };
    await locks?.check();
    const published = await publishBuilt(session, outlet, job, results, there, run, request, journal);
    const own = { results, shared: there.shared, lists, found: request.foundOnly };
    if (request.push && !request.noVerdict) watch.warned?.(await attest(session, outlet, published, run, key, own));
    const copies = request.push ? await copyPublished(session, job.plan, published, journal) : [];
    for (const { problems } of copies) watch.warned?.(problems);
    return { ...done, published, ...(copies.length > 0 && { copies }) };
  } finally {
    await Promise.all([engines.close(), outlet.close()]);
  }
}

async function enginesFor(session: Session, { engines }: Composed, outlet: Outlet): Promise<Engines> {
  const { redact } = await session.secrets();
  return openEngines(engines, { ...outlet, environment: session.environment, redact });
}

/** Where stable tags move, no other run of the clone moves tags meanwhile. */
async function locked<T>(
  session: Session,
  { push, lock, cut }: BuildRequest & { readonly cut?: ReadonlySet<string> | undefined },
  run: string,
  watch: BuildWatch,
  use: (locks: Locks | undefined) => Promise<T>,
): Promise<T> {
  if (!push || cut) return use(undefined);
  const folder = journalFolder((await session.repository()).gitDir);
  const locks = await lockPublishing(session, { folder, lock, run }, watch);
  try {
    return await use(locks);
  } finally {
    await locks.release();
  }
}

/** What could not be read cannot be built, and what must not be published is not: said before anything is waited for. */
async function planFirst(session: Session, request: BuildRequest, watch: BuildWatch): Promise<Planned> {
  const made = request.planned ?? (await plan(session, { ...request, engines: undefined }));
  if (made.unread.length > 0) throw new FailedError(made.unread);
  if (made.obstacles.length > 0) throw new RefusedError(made.obstacles);
  const { push, allowOrphans = false } = request;
  const problems = push ? publishProblems(made.plan, { allowOrphans }) : [];
  if (!hasErrors(problems)) return made;
  watch.planned?.(made);
  throw new RefusedError(problems);
}

/** Asked under the lock: what another run has rolled back while this one waited counts. */
async function heeded(
  session: Session,
  made: Planned,
  { push }: BuildRequest,
  watch: BuildWatch,
  lists: TagLists,
): Promise<Planned> {
  const heed = async () => heedRegistry(session, made.plan, made, await session.moving(), lists);
  const planned = push ? { ...made, plan: await heed() } : made;
  watch.planned?.(planned);
  return planned;
}
