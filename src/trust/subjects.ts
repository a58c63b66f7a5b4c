import { isFurtherTag, lastingTags } from "../catalogue/further-tags.ts";
import { imageVersion, interfacedLayers, scienceGraph } from "../catalogue/graph.ts";
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
    if (/[/:@]/.test(name)) return [withTag(subjectOf(name, catalogue.settings.repo), catalogue)];
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
  const published = await mapBounded([...images.values()], 16, (each) =>
    publishedSubjects(each, catalogue, registries),
  );
  const byName = new Map(
    [...defined, ...published.flatMap(({ subjects }) => subjects)].map((each) => [nameOf(each), each]),
  );
  const subjects = [...byName.values()].sort(
    (a, b) => compareText(a.image, b.image) || compareVersions(a.reference.tag ?? "", b.reference.tag ?? ""),
  );
  return { subjects, problems: groupProblems(published.flatMap(({ problems }) => problems)) };
}

const nameOf = ({ image, reference }: Subject): string => `${image}:${reference.tag}`;

/** Whether its tag is one that moves with a version's own (B50). */
function withTag(subject: Subject, { science }: Catalogue): Subject {
  const { tag = "" } = subject.reference;
  const isFurther = science.some((layer) => layer.image === subject.image && isFurtherTag(layer, tag));
  return isFurther ? { ...subject, isFurther } : subject;
}

async function publishedSubjects(
  { reference, prefix, image }: Subject,
  catalogue: Catalogue,
  registries: Registries,
): Promise<AllSubjects> {
  try {
    const tags = await registries.registryFor(reference.registry).repository(reference.repository).listings.tags();
    const stable = tags.filter((tag) => isStableTag(tag) && !isDated(image, tag, catalogue));
    const subjects = stable.map((tag) => withTag({ prefix, image, reference: { ...reference, tag } }, catalogue));
    return { subjects, problems: [] };
  } catch (failure) {
    return { subjects: [], problems: problemsOf(failure) };
  }
}

/** There may be one for each day: each holds a build that a tag of a version holds, or did. */
const isDated = (image: string, tag: string, { science }: Catalogue): boolean =>
  science.some((layer) => layer.image === image && isFurtherTag(layer, tag) && !lastingTags(layer).includes(tag));

const imageVersions = ({ science, settings }: Catalogue): string[] =>
  [...new Set([...interfacedLayers(scienceGraph(science)), ...settings.adopted].map(imageVersion))].sort();

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
