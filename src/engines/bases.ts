import type { ImageBuild, NamedBase, Pin } from "../compose/model.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { neededStages, parseDockerfile } from "../dockerfile/index.ts";
import { familiarReference, parseReferenceOrThrow } from "../oci/reference.ts";
import type { PinnedBase } from "../plan/model.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import {
  type BasePins,
  candidateNames,
  nameOfBase,
  noSuchBase,
  notPublished,
  pinAsPlanned,
  pinInRegistry,
  pinned,
  placed,
  refuseUnresolved,
  settled,
  type Unresolved,
} from "./find-bases.ts";
import type { Engine, ImageStore, StoredImage, Task } from "./model.ts";

export interface BaseOptions {
  /** Prefixes of repositories, in the order in which parents are looked for: `--repo`, then the home repository. */
  readonly repositories: readonly string[];
  readonly registries: Registries;
  readonly engineFor: (build: ImageBuild) => Engine;
  /** Whether a copy on this machine may stand in for a registry that does not answer. Never for what is published (B26). */
  readonly mayUseLocal: boolean;
  readonly task: Task;
  /** Of a pinned plan: these are taken in place of what the registry has by now. */
  readonly pins?: BasePins | undefined;
}

export interface ResolvedBases {
  readonly pinOf: (base: NamedBase, engine: Engine) => Pin;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Finds out which image every base that is not built in this run is at this moment (B26), before anything is built.
 * Throws `RefusedError` for parents that are not published, `FailedError` for a registry that does not answer; with all of them.
 */
export async function resolveBases(builds: readonly ImageBuild[], options: BaseOptions): Promise<ResolvedBases> {
  await probeEngines(builds, options);
  const wanted = new Map<string, Wanted>();
  for (const build of builds) {
    const engine = options.engineFor(build);
    for (const { base, isNeeded } of namedBases(build)) {
      const key = keyOf(base, engine);
      wanted.set(key, { base, engine, isNeeded: isNeeded || wanted.get(key)?.isNeeded === true });
    }
  }
  const warnings: Diagnostic[] = [];
  const found = await mapBounded([...wanted], 4, async ([key, { base, engine, isNeeded }]) => {
    const resolution = await resolve(base, { ...options, store: engine.store, warnings });
    const isSpared = !isNeeded && base.source.kind === "external" && resolution instanceof FailedError;
    return [key, isSpared ? { reference: base.name, name: base.name } : resolution] as const;
  });
  refuseUnresolved(found.map(([, resolution]) => resolution));
  const pins = new Map(found);
  return { warnings, pinOf: (base, engine) => pins.get(keyOf(base, engine)) as Pin };
}

interface Wanted {
  readonly base: NamedBase;
  readonly engine: Engine;
  /** False where it stands in a stage that no engine builds, and may not be there at all. */
  readonly isNeeded: boolean;
}

function namedBases({ dockerfile, args }: ImageBuild): Pick<Wanted, "base" | "isNeeded">[] {
  const named = dockerfile.references.flatMap(({ base, start }) => (base.kind === "named" ? [{ base, start }] : []));
  if (named.length === 0) return [];
  const read = parseDockerfile(dockerfile.text);
  const needed = neededStages(read, args);
  return named.map(({ base, start }) => {
    const stage = read.stages.findLast(({ from }) => from.range.start <= start);
    return { base, isNeeded: stage === undefined || needed.has(stage.index) };
  });
}

/** An engine that is not there is the problem to tell, rather than the first base that it does not pull. */
async function probeEngines(builds: readonly ImageBuild[], { engineFor, task }: BaseOptions): Promise<void> {
  const engines = new Map(builds.map((build) => engineFor(build)).map((engine) => [engine.name, engine]));
  for (const engine of engines.values()) task.log.write(`engine: ${(await engine.probe()).description}\n`);
}

interface Lookup extends BaseOptions {
  readonly store: ImageStore | undefined;
  readonly warnings: Diagnostic[];
}

/** Two engines may see one name through different mirrors. */
const keyOf = (base: NamedBase, engine: Engine): string => `${engine.name} ${base.source.kind} ${base.name}`;

const resolve = (base: NamedBase, lookup: Lookup): Promise<Pin | Unresolved> =>
  settled(async () => {
    const planned = lookup.pins?.get(nameOfBase(base));
    if (planned) return resolvePlanned(base, planned, lookup);
    return base.source.kind === "external" ? resolveExternal(base, lookup) : resolveOwn(base, lookup);
  });

/** An engine still says which user it is of. */
async function resolvePlanned(base: NamedBase, planned: PinnedBase, lookup: Lookup): Promise<Pin> {
  const pin = await pinAsPlanned(base, planned, lookup.repositories, lookup.registries);
  if (base.source.kind !== "external" || !lookup.store) return pin;
  const { user } = await lookup.store.pull(pin.reference, lookup.task);
  return { ...pin, user };
}

/** An image of the catalogue: the registry has the last word. */
async function resolveOwn(base: NamedBase, lookup: Lookup): Promise<Pin> {
  const candidates = candidateNames(base, lookup.repositories);
  try {
    for (const name of candidates) {
      const pin = await pinInRegistry(name, lookup.registries);
      if (pin) return pin;
    }
  } catch (cause) {
    if (!(cause instanceof FailedError)) throw cause;
    return await localCopy(base, candidates, lookup, cause);
  }
  throw new RefusedError([notPublished(base, candidates)]);
}

/** Somebody else's image: an engine fetches it its own way, perhaps through a mirror that only it knows. */
async function resolveExternal(base: NamedBase, lookup: Lookup): Promise<Pin> {
  const { store, registries, task } = lookup;
  if (!store) {
    const pin = await pinInRegistry(base.name, registries);
    if (pin) return pin;
    throw noSuchBase(base);
  }
  try {
    return pinned(base.name, ...manifestAndUser(await store.pull(base.name, task)));
  } catch (cause) {
    if (!(cause instanceof FailedError)) throw cause;
    return await localCopy(base, [base.name], lookup, cause);
  }
}

async function localCopy(base: NamedBase, names: readonly string[], lookup: Lookup, cause: FailedError): Promise<Pin> {
  lookup.task.signal.throwIfAborted();
  if (!lookup.mayUseLocal || !lookup.store) throw cause;
  for (const name of names) {
    const image = await lookup.store.inspect(name);
    if (!image) continue;
    lookup.warnings.push(usesLocal(base, name, image, cause));
    return pinned(name, ...manifestAndUser(image));
  }
  throw cause;
}

const manifestAndUser = ({ manifest, user }: StoredImage) => [manifest, user] as const;

function usesLocal(base: NamedBase, name: string, { config }: StoredImage, cause: FailedError): Diagnostic {
  const used = familiarReference(parseReferenceOrThrow(name));
  return warning(
    "local-base",
    `${used} is used as it is on this machine (${config.slice(0, 19)}), perhaps out of date`,
    {
      ...placed(base),
      notes: cause.diagnostics.flatMap(({ message, notes }) => [{ message }, ...notes]),
    },
  );
}
