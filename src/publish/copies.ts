import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { FailedError } from "../diagnostics/failure.ts";
import { isInfrastructure } from "../diagnostics/infrastructure.ts";
import type { Digest } from "../oci/digest.ts";
import { createCopier, type ImageCopier } from "../registry/copy-image.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Location } from "../registry/location.ts";
import type { Registries } from "../registry/model.ts";
import { digestOf, pointTag, tagPlace } from "./tags.ts";

/** The tags of one image-version, as they are at home. */
export interface CopyUnit {
  /** `nist-basic:2.0` */
  readonly image: string;
  /** References with unique tags. */
  readonly unique: readonly string[];
  /** References with stable tags and those that move with them, in the order in which they are moved. */
  readonly stable: readonly string[];
}

/** What became of one copy. */
export interface CopyOutcome {
  /** Repository prefix. */
  readonly copy: string;
  /** References of the copy that hold what home has, by digest. */
  readonly references: Readonly<Record<string, Digest>>;
  /** Why image-versions of it are behind; empty where none is. */
  readonly problems: readonly Diagnostic[];
}

interface CopyOptions {
  /** Home repository, where the units are. */
  readonly repo: string;
  readonly copies: readonly string[];
  readonly registries: Registries;
  readonly signal: AbortSignal;
  /** Told of each tag of a copy that was written. */
  readonly copied?: (reference: string, digest: Digest) => void;
}

/**
 * Brings each copy to where home is: unique tags first, stable tags when all of these are there. What is there is left alone, so that it
 * can be repeated. Never fails for a copy that fails; only the signal ends it.
 */
export const copyUnits = (units: readonly CopyUnit[], options: CopyOptions): Promise<CopyOutcome[]> =>
  Promise.all(options.copies.map((copy) => copyTo(copy, units, options)));

async function copyTo(copy: string, units: readonly CopyUnit[], options: CopyOptions): Promise<CopyOutcome> {
  const following: Following = { ...options, copy, copier: createCopier(options.signal), references: new Map() };
  const failures = new Map<string, readonly Diagnostic[]>();
  const each = async (unit: CopyUnit, work: () => Promise<void>): Promise<void> => {
    // Nobody waits a minute for each of a hundred images of a registry that does not answer.
    const down = [...failures.values()].find(isInfrastructure);
    if (down) failures.set(unit.image, down);
    if (failures.has(unit.image)) return;
    try {
      await work();
    } catch (cause) {
      if (options.signal.aborted || !(cause instanceof FailedError)) throw cause;
      failures.set(unit.image, cause.diagnostics);
    }
  };
  await mapBounded(units, 4, (unit) => each(unit, () => oneByOne(unit.unique, (tag) => keepUnique(tag, following))));
  await mapBounded(units, 4, (unit) => each(unit, () => oneByOne(unit.stable, (tag) => follow(tag, following))));
  return { copy, references: Object.fromEntries(following.references), problems: behind(copy, failures) };
}

async function oneByOne(all: readonly string[], work: (one: string) => Promise<void>): Promise<void> {
  for (const one of all) await work(one);
}

interface Following extends CopyOptions {
  readonly copy: string;
  readonly copier: ImageCopier;
  readonly references: Map<string, Digest>;
}

/** A reference of home as the copy has it. */
export const inCopy = (reference: string, repo: string, copy: string): string =>
  `${copy}${reference.slice(repo.length)}`;

const placesOf = (reference: string, { registries, repo, copy }: Following) => {
  const name = inCopy(reference, repo, copy);
  return { home: tagPlace(registries, reference), there: tagPlace(registries, name), name };
};

/** A unique tag that is there and holds something else is not overwritten. */
async function keepUnique(reference: string, following: Following): Promise<void> {
  const { home, there, name } = placesOf(reference, following);
  const [wanted, now] = await Promise.all([digestOf(home), digestOf(there)]);
  if (wanted === undefined) return;
  if (now !== undefined && now !== wanted) throw otherImage(name, now, wanted);
  await following.copier.copy(home.repository, there.repository, wanted);
  if (now === undefined) await point(there, name, wanted, following);
  following.references.set(name, wanted);
}

const rounds = 3;

/**
 * Moves a tag of the copy to where home's is, and looks at both once more: a run that moved home's meanwhile may have been at the copy
 * before. A tag that home has not is left alone.
 */
async function follow(reference: string, following: Following): Promise<void> {
  const { home, there, name } = placesOf(reference, following);
  for (let round = 0; round <= rounds; round += 1) {
    const [wanted, now] = await Promise.all([digestOf(home), digestOf(there)]);
    if (wanted === undefined) return;
    if (now === wanted) {
      following.references.set(name, wanted);
      return;
    }
    await following.copier.copy(home.repository, there.repository, wanted);
    await point(there, name, wanted, following);
  }
  throw new FailedError([
    error("tag-does-not-stay", `${name} does not stay where home is, and was put there ${rounds + 1} times`, {
      help: "see who else writes there, or whether the registry keeps what it accepts",
    }),
  ]);
}

async function point(there: Location, name: string, digest: Digest, { copied }: Following): Promise<void> {
  await pointTag(there, digest);
  copied?.(name, digest);
}

const otherImage = (name: string, now: Digest, wanted: Digest): FailedError =>
  new FailedError([
    error("copy-differs", `${name} holds ${now}, and home has ${wanted} under that tag`, {
      help: "a unique tag is never overwritten: see who else writes there, and delete it if it is wrong",
    }),
  ]);

/** One problem for all image-versions that have the same. */
function behind(copy: string, failures: ReadonlyMap<string, readonly Diagnostic[]>): Diagnostic[] {
  const groups = new Map<string, { readonly first: Diagnostic; readonly images: string[] }>();
  for (const [image, diagnostics] of failures) {
    const [first] = diagnostics;
    if (first === undefined) continue;
    const key = `${first.code} ${first.message}`;
    const group = groups.get(key) ?? { first, images: [] };
    groups.set(key, group);
    group.images.push(image);
  }
  return [...groups.values()].map(({ first, images }) =>
    error(first.code, `the copy ${copy} is behind home, of ${shortList(images)}: ${first.message}`, {
      notes: first.notes,
      help: `${first.help === undefined ? "" : `${first.help}; `}image-builder publish --copies finishes it, and builds nothing`,
    }),
  );
}

const shortList = (names: readonly string[]): string =>
  `${names.slice(0, 5).join(", ")}${names.length > 5 ? ` and ${names.length - 5} more` : ""}`;
