import type { ImageBuild } from "../../compose/model.ts";
import { locateOrigin } from "../../compose/origins.ts";
import type { Place } from "../../diagnostics/diagnostic.ts";
import { type Dockerfile, parseDockerfile } from "../../dockerfile/index.ts";
import { type SplitBuild, splitPayloads } from "../assemble/split-payloads.ts";
import { isTaken } from "./needs.ts";
import { type Requirement, requirementsOf } from "./requirements.ts";
import { type EngineDeclaration, engineTable, type ImageDestination } from "./table.ts";

interface EngineChoice {
  /** Of the declaration. */
  readonly name: string;
  /** `needs RUN: compat/jupyter/Dockerfile:3`. */
  readonly why: string;
  /** In the catalogue. */
  readonly place?: Place;
  /** The first thing that the build requires and the engine does not take, where no other was left or another was forced. */
  readonly lacks?: Requirement;
}

export interface EngineRequest {
  /** By build id: names of declared engines that are settled, and who settled them: `--engine`, or a plan with its reason. */
  readonly forced?: Readonly<Record<string, Pick<EngineChoice, "name" | "why">>>;
  /** Where the images go: an engine's own store takes only what that engine builds. */
  readonly destination: ImageDestination;
}

export interface ChosenEngines {
  /** In an executable order: stages that are built once for all come before the images that copy from them. */
  readonly builds: readonly ImageBuild[];
  /** By the id of each of `builds`. */
  readonly engines: Readonly<Record<string, EngineChoice>>;
}

/**
 * Decides for every build which engine makes it, and why: the first declared one that reaches the destination and takes
 * everything that the build requires. An engine that was forced, or that is the last to be left, need not take everything.
 */
export function chooseEngines(
  builds: readonly ImageBuild[],
  request: EngineRequest,
  declared: readonly EngineDeclaration[] = engineTable,
): ChosenEngines {
  const context = { declared, destination: request.destination, reader: createReader() };
  const chosen = builds.flatMap((build) => {
    const { name, why } = request.forced?.[build.id] ?? {};
    const engine = declared.find((each) => each.name === name);
    return engine && why !== undefined ? force(build, engine, why, context) : choose(build, context);
  });
  const kept = new Map<string, Choice>();
  for (const each of chosen) if (!kept.has(each.build.id)) kept.set(each.build.id, each);
  return withReadableParents([...kept.values()], context);
}

interface Context {
  readonly declared: readonly EngineDeclaration[];
  /** Undefined for what is only copied from where its engine keeps it. */
  readonly destination: ImageDestination | undefined;
  readonly reader: Reader;
}

interface Reader {
  dockerfile(build: ImageBuild): Dockerfile;
  requirements(build: ImageBuild): readonly Requirement[];
}

/** Reading a Dockerfile for every engine that is asked would cost time, and so would keeping those of thousands of builds. */
function createReader(): Reader {
  const known = new Map<ImageBuild, readonly Requirement[]>();
  let last: { readonly build: ImageBuild; readonly dockerfile: Dockerfile } | undefined;
  const dockerfile = (build: ImageBuild): Dockerfile => {
    if (last?.build !== build) last = { build, dockerfile: parseDockerfile(build.dockerfile.text) };
    return last.dockerfile;
  };
  const requirements = (build: ImageBuild): readonly Requirement[] => {
    const found = known.get(build) ?? requirementsOf(build, dockerfile(build));
    known.set(build, found);
    return found;
  };
  return { dockerfile, requirements };
}

interface Choice {
  readonly build: ImageBuild;
  readonly choice: EngineChoice;
}

const force = (build: ImageBuild, engine: EngineDeclaration, why: string, context: Context): Choice[] =>
  made(splitFor(build, engine, context), engine, { why }, context);

type Reason = Pick<EngineChoice, "why" | "place">;

function choose(build: ImageBuild, context: Context): Choice[] {
  const last = context.declared.findLast((each) => reaches(each, context));
  // Why it is not the preferred engine.
  let reason: Reason | undefined;
  for (const engine of context.declared) {
    const split = splitFor(build, engine, context);
    const obstacle = obstacleFor(engine, split.build, context);
    if (obstacle === undefined || engine === last) {
      return made(split, engine, reason ?? { why: engine.suits }, context);
    }
    reason ??= obstacle;
  }
  throw new Error("no engine is declared that reaches the destination");
}

function obstacleFor(engine: EngineDeclaration, build: ImageBuild, context: Context): Reason | undefined {
  const { destination } = context;
  if (destination !== undefined && !reaches(engine, context)) return { why: unreached[destination] };
  const missing = lacking(engine, build, context);
  if (missing === undefined) return undefined;
  const place = missing.range && locateOrigin(build.dockerfile, missing.range)?.at;
  return { why: `needs ${missing.text}${place ? `: ${place.file}:${place.line}` : ""}`, ...(place && { place }) };
}

const reaches = (engine: EngineDeclaration, { destination }: Context): boolean =>
  destination === undefined || engine.reaches.includes(destination);

const lacking = ({ takes }: EngineDeclaration, build: ImageBuild, { reader }: Context): Requirement | undefined =>
  reader.requirements(build).find(({ need }) => !isTaken(need, takes));

function made({ build, payloads }: SplitBuild, engine: EngineDeclaration, reason: Reason, context: Context): Choice[] {
  const lacks = lacking(engine, build, context);
  const choice = { name: engine.name, ...reason, ...(lacks && { lacks }) };
  return [...payloads.flatMap((each) => payload(each, context)), { build, choice }];
}

const unreached: Readonly<Record<ImageDestination, string>> = {
  registry: "the image goes to a registry",
  layout: "the image goes to a layout",
  store: "the image stays on this machine",
};

const splitFor = (build: ImageBuild, { splitsStages, takes }: EngineDeclaration, { reader }: Context): SplitBuild =>
  splitsStages && build.kind === "compat"
    ? splitPayloads(build, reader.dockerfile(build), takes)
    : { build, payloads: [] };

const payload = (build: ImageBuild, context: Context): Choice[] =>
  choose(build, { ...context, destination: undefined }).map(({ choice, ...rest }) => ({
    ...rest,
    choice: { ...choice, why: `${choice.why}, once for all images` },
  }));

/** An engine that does not read the destination builds the images that it builds on, too. */
function withReadableParents(chosen: readonly Choice[], context: Context): ChosenEngines {
  const builds = new Map(chosen.map(({ build }) => [build.id, build]));
  const result = new Map(chosen.map(({ build, choice }) => [build.id, choice]));
  for (const { build } of [...chosen].reverse()) {
    const engine = context.declared.find(({ name }) => name === result.get(build.id)?.name);
    if (build.kind === "payload" || engine === undefined || reads(engine, context)) continue;
    for (const id of build.dependsOn) {
      const parent = builds.get(id);
      if (parent === undefined || parent.kind === "payload" || result.get(id)?.name === engine.name) continue;
      const lacks = lacking(engine, parent, context);
      const why = `${build.id} is built on it by ${engine.name}`;
      result.set(id, { name: engine.name, why, ...(lacks && { lacks }) });
    }
  }
  return { builds: [...builds.values()], engines: Object.fromEntries(result) };
}

const reads = (engine: EngineDeclaration, { destination }: Context): boolean =>
  destination === undefined || engine.readsParentsFrom.includes(destination);
