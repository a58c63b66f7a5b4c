import { imageVersion } from "../catalogue/graph.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { compareVersions } from "../catalogue/versions.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { mapBounded } from "../registry/limiter.ts";
import type { Registries } from "../registry/model.ts";
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

/** Every image-version of the catalogue, and every stable tag that the registry has beside them: orphans are pulled as well. */
export async function allSubjects(catalogue: Catalogue, registries: Registries): Promise<readonly Subject[]> {
  const defined = imageVersions(catalogue).map((each) => subjectOf(each, catalogue.settings.repo));
  const images = new Map(defined.map((each) => [each.image, each]));
  const published = await mapBounded([...images.values()], 16, (each) => publishedSubjects(each, registries));
  const byName = new Map(
    [...defined, ...published.flat()].map((each) => [`${each.image}:${each.reference.tag}`, each]),
  );
  return [...byName.values()].sort(
    (a, b) => compareText(a.image, b.image) || compareVersions(a.reference.tag ?? "", b.reference.tag ?? ""),
  );
}

/** A registry that does not answer is said once for each image that is asked for, and not here. */
async function publishedSubjects({ reference, prefix, image }: Subject, registries: Registries): Promise<Subject[]> {
  const tags = await registries
    .registryFor(reference.registry)
    .repository(reference.repository)
    .listings.tags()
    .catch((): string[] => []);
  return tags.filter(isStableTag).map((tag) => ({ prefix, image, reference: { ...reference, tag } }));
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
