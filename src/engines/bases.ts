import type { ImageBuild, NamedBase, Pin } from "../compose/model.ts";
import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { parseLayerName, scienceName } from "../naming/layer-name.ts";
import { familiarReference, formatReference, parseReferenceOrThrow } from "../oci/reference.ts";
import { mapBounded } from "../registry/limiter.ts";
import { locate } from "../registry/location.ts";
import type { Registries } from "../registry/model.ts";
import type { Engine, ImageStore, StoredImage, Task } from "./model.ts";

export interface BaseOptions {
  /** Prefixes of repositories, in the order in which parents are looked for: `--repo`, then the home repository. */
  readonly repositories: readonly string[];
  readonly registries: Registries;
  readonly engineFor: (build: ImageBuild) => Engine;
  /** Whether a copy on this machine may stand in for a registry that does not answer. Never for what is published (B26). */
  readonly mayUseLocal: boolean;
  readonly task: Task;
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
  const wanted = new Map<string, { base: NamedBase; engine: Engine }>();
  for (const build of builds) {
    const engine = options.engineFor(build);
    for (const { base } of build.dockerfile.references) {
      if (base.kind === "named") wanted.set(keyOf(base, engine), { base, engine });
    }
  }
  const warnings: Diagnostic[] = [];
  const found = await mapBounded([...wanted], 4, async ([key, { base, engine }]) => {
    const resolution = await resolve(base, { ...options, store: engine.store, warnings });
    return [key, resolution] as const;
  });
  refuseUnresolved(found.map(([, resolution]) => resolution));
  const pins = new Map(found);
  return { warnings, pinOf: (base, engine) => pins.get(keyOf(base, engine)) as Pin };
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

type Unresolved = RefusedError | FailedError;

/** Two engines may see one name through different mirrors. */
const keyOf = (base: NamedBase, engine: Engine): string => `${engine.name} ${base.source.kind} ${base.name}`;

async function resolve(base: NamedBase, lookup: Lookup): Promise<Pin | Unresolved> {
  try {
    return base.source.kind === "external" ? await resolveExternal(base, lookup) : await resolveOwn(base, lookup);
  } catch (cause) {
    if (cause instanceof RefusedError || cause instanceof FailedError) return cause;
    throw cause;
  }
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

function candidateNames({ source, name }: NamedBase, repositories: readonly string[]): string[] {
  if (source.kind === "external") return [name];
  const path = source.kind === "parent" ? scienceName(source) : name;
  const isRelative = source.kind === "parent" || parseLayerName(path)?.kind === "sci";
  return isRelative ? [...new Set(repositories.map((each) => `${each}/${path}`))] : [path];
}

async function pinInRegistry(name: string, registries: Registries): Promise<Pin | undefined> {
  const reference = parseReferenceOrThrow(name);
  const { repository, target } = locate(registries, reference);
  const found = await repository.manifests.head(target);
  return found && pinned(name, found.digest);
}

/** Somebody else's image: an engine fetches it its own way, perhaps through a mirror that only it knows. */
async function resolveExternal(base: NamedBase, lookup: Lookup): Promise<Pin> {
  const { store, registries, task } = lookup;
  if (!store) {
    const pin = await pinInRegistry(base.name, registries);
    if (pin) return pin;
    throw new FailedError([error("no-such-base", `there is no image ${base.name}`, placed(base))]);
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

/** The tag stays in front of the digest: for readers, and because some engines know images of theirs by tag alone. */
export function pinned(name: string, digest: Pin["digest"], user?: string): Pin {
  const { digest: written, ...reference } = parseReferenceOrThrow(name);
  const full = formatReference(reference);
  const known = digest ?? written;
  return {
    reference: known ? `${full}@${known}` : full,
    name: full,
    ...(known ? { digest: known } : {}),
    ...(user === undefined ? {} : { user }),
  };
}

const notPublished = (base: NamedBase, candidates: readonly string[]): Diagnostic =>
  error("parent-not-published", `${base.name} is not in the registry, and it is not built in this run`, {
    ...placed(base),
    notes: candidates.map((name) => ({ message: `not there: ${name}` })),
    help:
      base.source.kind === "parent"
        ? `build it in the same run: --since all, or --include the directory of "${base.source.target}"`
        : "name one that is published",
  });

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

const placed = ({ at }: NamedBase): Pick<Diagnostic, "at"> => (at ? { at } : {});

function refuseUnresolved(resolutions: readonly (Pin | Unresolved)[]): asserts resolutions is readonly Pin[] {
  const failures = resolutions.filter((each) => each instanceof RefusedError || each instanceof FailedError);
  if (failures.length === 0) return;
  const diagnostics = failures.flatMap((each) => each.diagnostics);
  const isOutside = failures.some((each) => each instanceof FailedError);
  throw isOutside ? new FailedError(diagnostics, { cause: failures[0] }) : new RefusedError(diagnostics);
}
