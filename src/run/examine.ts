import type { FreezeRule, ImageBuild } from "../compose/model.ts";
import { createFactsCache } from "../contents/cache.ts";
import { FailedError } from "../diagnostics/failure.ts";
import type { MadeBuild, RunOptions } from "../engines/run-model.ts";
import { cacheDirectory } from "../files/cache.ts";
import { examine, isStopped, needsTests, notExamined } from "../freeze/examine.ts";
import { layerOrigins } from "../freeze/layer-origins.ts";
import type { Examination, ScienceTests } from "../freeze/model.ts";
import { freezeProblem } from "../freeze/tell.ts";
import { Limiter } from "../registry/limiter.ts";
import { compareImages } from "../resolve/compare.ts";
import { type BuildRequest, type BuildWatch, publishes } from "./model.ts";
import { composedFacts, type ScienceSources, scienceFacts } from "./science-facts.ts";
import type { Session } from "./session.ts";

/**
 * Holds each image with an interface against its science image before it gets a tag (B42, B53), and says which tests of the science
 * definition it has to pass (B43). Nothing of a science image is read that its facts tell.
 */
export function examiner(
  { environment }: Session,
  sources: Omit<ScienceSources, "cache">,
  watch: Pick<BuildWatch, "warned">,
  request: Pick<BuildRequest, "push" | "output">,
): NonNullable<RunOptions["examine"]> {
  const all: ScienceSources = { ...sources, cache: createFactsCache(cacheDirectory(environment)) };
  // Facts of a large image are many.
  const limiter = new Limiter(3);
  return async (made) => {
    const rule = made.ready.build.freeze;
    if (!rule) return undefined;
    if (rule.mode === "off") return { ...testsOf(rule, undefined) };
    // An engine hands out whole images alone, which takes long for what nobody else gets.
    if (rule.mode === "warn" && !publishes(request)) {
      const examination = notExamined("only what is published is, unless freeze is enforce");
      return { examination, ...testsOf(rule, examination) };
    }
    const done = await limiter.take(made.task.signal);
    const examination = await examineOne(made, rule, all).finally(done);
    heed(made.ready.build, rule, examination, watch);
    return { examination, ...testsOf(rule, examination) };
  };
}

async function examineOne(made: MadeBuild, rule: FreezeRule, sources: ScienceSources): Promise<Examination> {
  const { ready, task } = made;
  try {
    const science = await scienceFacts(made, sources);
    if (typeof science === "string") return notExamined(science);
    const composed = await composedFacts(made, science, sources.cache);
    if (typeof composed === "string") return notExamined(composed);
    const origins = layerOrigins(ready, science.config, composed.config);
    const layers = science.config.rootfs.diff_ids.length;
    return examine(compareImages(science, composed), rule, { origins, science: rule.science, layers });
  } catch (cause) {
    task.signal.throwIfAborted();
    if (!(cause instanceof FailedError)) throw cause;
    return notExamined(cause.diagnostics.map(({ message }) => message).join("; "));
  }
}

/** Throws `FailedError` for an image that is not to be published. */
function heed(
  { id }: ImageBuild,
  rule: FreezeRule,
  examination: Examination,
  { warned }: Pick<BuildWatch, "warned">,
): void {
  const problem = freezeProblem(id, examination, rule);
  if (!problem) return;
  if (rule.mode === "enforce" && isStopped(examination)) throw new FailedError([problem]);
  // That nobody has looked stands with the build, in one line.
  if (examination.resolves !== "not examined") warned?.([problem]);
}

function testsOf(
  { tests, scienceTests }: FreezeRule,
  examination: Examination | undefined,
): { readonly tests: ScienceTests; readonly run: FreezeRule["scienceTests"] } {
  if (scienceTests.length === 0) return { tests: { state: "none" }, run: [] };
  if (tests === "off") return { tests: { state: "off" }, run: [] };
  const isNeeded = tests === "always" || examination === undefined || needsTests(examination);
  return isNeeded ? { tests: { state: "not tested" }, run: scienceTests } : { tests: { state: "not needed" }, run: [] };
}
