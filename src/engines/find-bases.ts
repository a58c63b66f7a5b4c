import type { ImageBuild, NamedBase, Pin } from "../compose/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError, RefusedError } from "../diagnostics/failure.ts";
import { parseLayerName, scienceName } from "../naming/layer-name.ts";
import { parseDigest } from "../oci/digest.ts";
import { formatReference, parseReferenceOrThrow } from "../oci/reference.ts";
import type { PinnedBase } from "../plan/model.ts";
import { mapBounded } from "../registry/limiter.ts";
import { locate } from "../registry/location.ts";
import type { Registries } from "../registry/model.ts";

/** What the bases of a pinned plan were when it was made, by `nameOfBase`. */
export type BasePins = ReadonlyMap<string, PinnedBase>;

/** An image of the registry, as a Dockerfile gets it. */
interface FoundBase extends Pick<PinnedBase, "reference"> {
  readonly digest: NonNullable<Pin["digest"]>;
}

/** One for all spellings of a parent. */
export const nameOfBase = ({ name, source }: NamedBase): string =>
  source.kind === "parent" ? scienceName(source) : name;

/**
 * What every base that these builds do not build themselves is in the registry now, by `nameOfBase`. Throws `RefusedError` for
 * parents that are not published, `FailedError` for others that are not there and a registry that does not answer; with all of them.
 */
export async function findBases(
  builds: readonly ImageBuild[],
  repositories: readonly string[],
  registries: Registries,
): Promise<Map<string, FoundBase>> {
  const wanted = new Map<string, NamedBase>();
  for (const { base } of builds.flatMap(({ dockerfile }) => dockerfile.references))
    if (base.kind === "named") wanted.set(nameOfBase(base), base);
  const found = await mapBounded([...wanted], 4, async ([name, base]) => {
    const there = await settled(() => findBase(base, repositories, registries));
    return [name, there] as const;
  });
  refuseUnresolved(found.map(([, each]) => each));
  return new Map(found as (readonly [string, FoundBase])[]);
}

async function findBase(base: NamedBase, repositories: readonly string[], registries: Registries): Promise<FoundBase> {
  const candidates = candidateNames(base, repositories);
  for (const name of candidates) {
    const pin = await pinInRegistry(name, registries);
    if (pin?.digest) return { reference: pin.name, digest: pin.digest };
  }
  throw base.source.kind === "external" ? noSuchBase(base) : new RefusedError([notPublished(base, candidates)]);
}

/** Where an image is looked for, in order. */
export function candidateNames({ source, name }: NamedBase, repositories: readonly string[]): string[] {
  if (source.kind === "external") return [name];
  const path = source.kind === "parent" ? scienceName(source) : name;
  const isRelative = source.kind === "parent" || parseLayerName(path)?.kind === "sci";
  return isRelative ? [...new Set(repositories.map((each) => `${each}/${path}`))] : [path];
}

/** Undefined when it is not there. */
export async function pinInRegistry(name: string, registries: Registries): Promise<Pin | undefined> {
  const { repository, target } = locate(registries, parseReferenceOrThrow(name));
  const found = await repository.manifests.head(target);
  return found && pinned(name, found.digest);
}

/**
 * The image that a plan was pinned to. Throws `RefusedError` where the plan says another place than the base is looked for in, or
 * that place does not have it (B39).
 */
export async function pinAsPlanned(
  base: NamedBase,
  { reference, digest }: PinnedBase,
  repositories: readonly string[],
  registries: Registries,
): Promise<Pin> {
  const full = candidateNames(base, repositories).map((each) => pinned(each, undefined).name);
  if (!full.includes(reference)) throw new RefusedError([pinnedElsewhere(base, reference, full)]);
  const pin = pinned(reference, parseDigest(digest));
  const { repository } = locate(registries, parseReferenceOrThrow(reference));
  if (await repository.manifests.head(digest)) return pin;
  throw new RefusedError([pinGone(base, pin)]);
}

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

export type Unresolved = RefusedError | FailedError;

/** The answer, or what it was refused with or failed of; so that all of them can be told. */
export async function settled<T>(ask: () => Promise<T>): Promise<T | Unresolved> {
  try {
    return await ask();
  } catch (cause) {
    if (cause instanceof RefusedError || cause instanceof FailedError) return cause;
    throw cause;
  }
}

/** Throws with every problem there is. */
export function refuseUnresolved<T>(answers: readonly (T | Unresolved)[]): asserts answers is readonly T[] {
  const failures = answers.filter((each) => each instanceof RefusedError || each instanceof FailedError);
  if (failures.length === 0) return;
  const diagnostics = failures.flatMap((each) => each.diagnostics);
  const isOutside = failures.some((each) => each instanceof FailedError);
  throw isOutside ? new FailedError(diagnostics, { cause: failures[0] }) : new RefusedError(diagnostics);
}

export const noSuchBase = (base: NamedBase): FailedError =>
  new FailedError([error("no-such-base", `there is no image ${base.name}`, placed(base))]);

export const notPublished = (base: NamedBase, candidates: readonly string[]): Diagnostic =>
  error("parent-not-published", `${base.name} is not in the registry, and it is not built in this run`, {
    ...placed(base),
    notes: candidates.map((name) => ({ message: `not there: ${name}` })),
    help:
      base.source.kind === "parent"
        ? `build it in the same run: --since all, or --include the directory of "${base.source.target}"`
        : "name one that is published",
  });

const pinnedElsewhere = (base: NamedBase, reference: string, full: readonly string[]): Diagnostic =>
  error("bad-plan", `the plan pins ${base.name} to ${reference}, and it is looked for in ${full.join(", then ")}`, {
    ...placed(base),
    help: "make the plan again: image-builder plan --pin",
  });

const pinGone = (base: NamedBase, { reference }: Pin): Diagnostic =>
  error("pin-gone", `the plan pins ${base.name} to ${reference}, which is not there`, {
    ...placed(base),
    help: "make the plan again: image-builder plan --pin",
  });

export const placed = ({ at }: NamedBase): Pick<Diagnostic, "at"> => (at ? { at } : {});
