import { hasErrors } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { publishProblems } from "../publish/problems.ts";
import { attest, signingKey } from "./attest.ts";
import { buildMissing } from "./build-missing.ts";
import { compose } from "./compose.ts";
import { openEngines } from "./engines.ts";
import { heedRegistry } from "./holds.ts";
import { lockPublishing } from "./locks.ts";
import type { BuildRequest, BuildWatch, Outcome } from "./model.ts";
import { openOutlet } from "./outlet.ts";
import { type Planned, plan } from "./plan.ts";
import { startRun } from "./provenance.ts";
import { publishBuilt, surveyOutlet } from "./publish-built.ts";
import type { Session } from "./session.ts";

/**
 * Plans, composes, builds and, when asked, publishes (B24–B32). Throws before anything is built, or not at all for a build
 * that fails.
 */
export async function build(session: Session, request: BuildRequest = {}, watch: BuildWatch = {}): Promise<Outcome> {
  const planned = await planToBuild(session, request, watch);
  const key = signingKey(session, request);
  const composed = await compose(session, planned, request);
  watch.warned?.(composed.warnings);
  const run = await startRun(session, planned);
  watch.began?.({ run: run.name, logs: run.logs.folder });
  const outlet = await openOutlet(session, request.output);
  const locks = request.push
    ? await lockPublishing(session, { ...outlet.moving, lock: request.lock, run: run.name }, watch)
    : undefined;
  const { redact } = await session.secrets();
  const engines = openEngines(composed.engines, { ...outlet, environment: session.environment, redact });
  try {
    const there = await surveyOutlet(session, outlet, composed, request, watch);
    const results = await buildMissing(session, composed, there, { outlet, engines, run }, request, watch);
    await locks?.check();
    const published = await publishBuilt(session, outlet, composed, results, there, run, request);
    if (request.push && !request.noVerdict) watch.warned?.(await attest(session, outlet, published, run, key));
    return { plan: composed.plan, results, published, run: run.name, logs: run.logs.folder };
  } finally {
    await Promise.all([engines.close(), outlet.close(), locks?.release()]);
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
