import type { ImageBuild } from "../compose/model.ts";
import { locateOrigin } from "../compose/origins.ts";
import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import type { ChosenEngines, EngineRequest } from "../engines/choice/choose-engines.ts";
import type { Requirement } from "../engines/choice/requirements.ts";
import { engineTable, type ImageDestination } from "../engines/choice/table.ts";
import type { Plan, PlannedBuild } from "../plan/model.ts";

/** What a person said about engines. */
export interface EngineWish {
  readonly destination: ImageDestination;
  /** For every build. */
  readonly engine?: string;
  /** True where `engine` was named for this very run; otherwise it is of `image-builder.json`, and a plan's engines count more. */
  readonly insists: boolean;
}

export const engineNames: readonly string[] = engineTable.map(({ name }) => name);

/**
 * The engines that are not to be chosen any more: of the plan where it names one, else the one for every build. An engine
 * of the plan that does not reach the destination is left out, since where images go is not part of a plan.
 */
export function settledEngines({ builds }: Plan, wish: EngineWish): NonNullable<EngineRequest["forced"]> {
  const settled = builds.flatMap(({ id, engine }) => {
    const named = engine ?? ofEveryBuild(wish);
    return named && (engine === undefined || reaches(engine.name, wish)) ? [[id, named] as const] : [];
  });
  return Object.fromEntries(settled);
}

const ofEveryBuild = ({ engine, insists }: EngineWish): PlannedBuild["engine"] =>
  engine === undefined ? undefined : { name: engine, why: insists ? "--engine" : "image-builder.json names it" };

const reaches = (name: string, { destination }: EngineWish): boolean =>
  engineTable.find((each) => each.name === name)?.reaches.includes(destination) ?? false;

/** Throws `RefusedError` with one problem for each build whose engine is none, is another than asked for, or cannot make it. */
export function refuseImpossible({ builds, engines }: ChosenEngines, plan: Plan, wish: EngineWish): void {
  const planned = new Map(plan.builds.map((each) => [each.id, each]));
  const problems = builds.flatMap((build) => {
    const settled = planned.get(build.id)?.engine;
    const problem = settled && problemOf(build.id, settled.name, wish);
    return problem ?? lackOf(build, engines[build.id], settled, wish) ?? [];
  });
  if (problems.length > 0) throw new RefusedError(problems);
}

function problemOf(id: string, name: string, { engine, insists }: EngineWish): Diagnostic | undefined {
  const gives = `the plan gives ${id} to ${JSON.stringify(name)}`;
  if (!engineNames.includes(name))
    return error("unknown-engine", `${gives}, and there is no such engine${didYouMean(name, engineNames)}`, {
      help: `engines: ${engineNames.join(", ")}; a build without "engine" gets the one that suits it`,
    });
  if (!insists || engine === undefined || engine === name) return undefined;
  return error("two-engines", `${gives}, and --engine names ${JSON.stringify(engine)}`, {
    help: "leave --engine out, or make the plan with it: image-builder build --dryrun --format json --engine NAME",
  });
}

function lackOf(
  build: ImageBuild,
  choice: ChosenEngines["engines"][string] | undefined,
  settled: PlannedBuild["engine"],
  { engine, insists }: EngineWish,
): Diagnostic | undefined {
  if (choice?.lacks === undefined) return undefined;
  if (settled === undefined && engine === undefined) return unmade(build, choice, choice.lacks);
  const { text, range } = choice.lacks;
  const ofPlan = settled?.name === choice.name;
  const message = ofPlan
    ? `the plan gives ${build.id} to the ${titleOf(choice.name)}, which cannot make it: it needs ${text}`
    : `the ${titleOf(choice.name)} cannot make ${build.id}: it needs ${text}`;
  const help = ofPlan
    ? 'leave "engine" of this build out of the plan, or make the plan again'
    : `leave ${insists ? "--engine" : '"engine"'} out, so that each build gets the engine that suits it`;
  return error("needs-engine", message, { help, ...(range && locateOrigin(build.dockerfile, range)) });
}

/** No engine is left; which of the two needs is to go, a person has to say. */
function unmade(
  { id, triggers = [] }: ImageBuild,
  { why, place }: ChosenEngines["engines"][string],
  { need, text }: Requirement,
): Diagnostic {
  const isNeed = why.startsWith("needs ");
  const layers = [...new Set(triggers.map(({ of }) => of))].join(" and ");
  const other = isNeed
    ? "move what the interface runs into a stage of its own, which FROM science ends"
    : "send the image elsewhere, with --push or --output oci:DIR";
  return error("needs-engine", `no engine can make ${id}: ${isNeed ? "it " : ""}${why}, and it needs ${text}`, {
    help: need === "untriggered" ? `leave ONBUILD out of ${layers}, or ${other}` : "leave one of them out",
    ...(place && { at: place }),
  });
}

/** A warning for each build that another engine makes than `before` had. */
export function movedBuilds(before: Plan, after: Plan, { destination }: EngineWish): readonly Diagnostic[] {
  const engines = new Map(after.builds.map(({ id, engine }) => [id, engine]));
  return before.builds.flatMap(({ id, engine }) => {
    const now = engines.get(id);
    if (engine === undefined || now === undefined || now.name === engine.name) return [];
    const message = `the plan gives ${id} to the ${titleOf(engine.name)}, and the ${titleOf(now.name)} makes it: ${now.why}`;
    return [warning("engine-changed", message, { help: help[destination] })];
  });
}

const help: Readonly<Record<EngineWish["destination"], string>> = {
  registry: "for a plan that says so: image-builder build --dryrun --push --format json",
  layout: "for a plan that says so: image-builder build --dryrun --output oci:DIR --format json",
  store: "for a plan that says so: image-builder build --dryrun --format json",
};

const titleOf = (name: string): string => engineTable.find((each) => each.name === name)?.title ?? name;
