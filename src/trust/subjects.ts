import { imageVersion } from "../catalogue/graph.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { compareVersions } from "../catalogue/versions.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { groupProblems } from "../judge/problems.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
import { problemsOf } from "./findings.ts";
import { isStableTag, type Subject, subjectOf } from "./subject.ts";

/**
 * The images that these names mean: `nist-basic` is every image-version of that name. Throws `RefusedError` for a name
 * that is neither in the catalogue nor a whole reference.
 */
export const namedSubjects = (names: readonly string[], catalogue: Catalogue): readonly Subject[] =>
  names.flatMap((name) => {
    if (/[/:@]/.test(name)) return [subjectOf(name, catalogue.settings.repo)];
    const versions = imageVersions(catalogue).filter((each) => each.startsWith(`${name}:`));
    if (versions.length === 0) throw new RefusedError([unknownImage(name, catalogue)]);
    return versions.map((each) => subjectOf(each, catalogue.settings.repo));
  });

interface AllSubjects {
  readonly subjects: readonly Subject[];
  /** Lists of tags that could not be read: there may be more images. */
  readonly problems: readonly Diagnostic[];
}

/** Every image-version of the catalogue, and every stable tag that the registry has beside them: orphans are pulled as well. */
export async function allSubjects(catalogue: Catalogue, registries: Registries): Promise<AllSubjects> {
  const defined = imageVersions(catalogue).map((each) => subjectOf(each, catalogue.settings.repo));
  const images = new Map(defined.map((each) => [each.image, each]));
  const published = await mapBounded([...images.values()], 16, (each) => publishedSubjects(each, registries));
  const byName = new Map(
    [...defined, ...published.flatMap(({ subjects }) => subjects)].map((each) => [nameOf(each), each]),
  );
  const subjects = [...byName.values()].sort(
    (a, b) => compareText(a.image, b.image) || compareVersions(a.reference.tag ?? "", b.reference.tag ?? ""),
  );
  return { subjects, problems: groupProblems(published.flatMap(({ problems }) => problems)) };
}

const nameOf = ({ image, reference }: Subject): string => `${image}:${reference.tag}`;

async function publishedSubjects({ reference, prefix, image }: Subject, registries: Registries): Promise<AllSubjects> {
  try {
    const tags = await registries.registryFor(reference.registry).repository(reference.repository).listings.tags();
    const stable = tags.filter(isStableTag);
    return { subjects: stable.map((tag) => ({ prefix, image, reference: { ...reference, tag } })), problems: [] };
  } catch (failure) {
    return { subjects: [], problems: problemsOf(failure) };
  }
}

const imageVersions = ({ science, settings }: Catalogue): string[] =>
  [...new Set([...science, ...settings.adopted].map(imageVersion))].sort();

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const unknownImage = (name: string, { science }: Catalogue) =>
  error(
    "unknown-image",
    `there is no image ${JSON.stringify(name)} in the catalogue${didYouMean(
      name,
      science.map(({ image }) => image),
    )}`,
    {
      help: "write IMAGE, IMAGE:VERSION or REGISTRY/PATH/rel/IMAGE:TAG; --all verifies everything",
    },
  );
