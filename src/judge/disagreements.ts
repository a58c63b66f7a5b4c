import type { InterfacedLayer } from "../catalogue/model.ts";
import { foldersOf } from "../catalogue/read-folders.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { compatId, layerKey, scienceId } from "../naming/build-id.ts";
import type { Reason } from "../plan/model.ts";
import { ownCrumb } from "../published/crumbs.ts";
import type { KnownImage } from "../published/image.ts";
import type { ImageReading, TagReading } from "../published/reader.ts";
import { judgeName, judgeScienceName } from "./identity.ts";
import { current } from "./judge.ts";
import type { Judgement, Published } from "./model.ts";
import { movedParents, shortDigest } from "./moved.ts";
import type { Evidence } from "./not-published.ts";

/**
 * What git and the registry disagree on (B31), one warning for each kind with a note for each image. `lately` has the
 * directories that the last commit or the working tree changed, undefined for a first commit.
 */
export function disagreements(
  evidence: Evidence,
  reasons: ReadonlyMap<string, readonly Reason[]>,
  lately: ReadonlySet<string> | undefined,
): Diagnostic[] {
  const images = imagesOf(evidence.published);
  return [
    listed(
      "registry-lacks-build",
      "the last commit leaves definitions unchanged whose builds the registry lacks or holds differently",
      "they are planned again",
      forgotten(evidence, reasons, lately),
    ),
    listed(
      "unknown-build",
      "stable tags point at builds that git does not know",
      "git fetch may bring their commits; who pushed them may tell more",
      images.flatMap((each) => unknownBuild(each, evidence)),
    ),
    listed(
      "tags-differ",
      "stable and unique tags that should hold the same image differ",
      "image-builder verify tells which layers differ; a build with --push moves the stable tag",
      images.flatMap(tagsDiffer),
    ),
    listed(
      "wrong-build",
      "stable tags hold builds of something else",
      "they are planned again; who moved the tags may tell more",
      wrongBuilds(evidence),
    ),
    listed(
      "parent-moved",
      "published images were built on parents that have moved since",
      "they are planned again",
      movedChildren(evidence),
    ),
  ].flat();
}

const listed = (code: string, message: string, help: string, found: readonly string[]): Diagnostic[] =>
  found.length === 0 ? [] : [warning(code, message, { notes: found.map((each) => ({ message: each })), help })];

const imagesOf = ({ rel, sci }: Published): ImageReading[] =>
  [...sci.values(), ...rel.values()].flatMap((each) => (each.kind === "image" ? [each] : []));

function forgotten(
  { definitions, published }: Evidence,
  reasons: ReadonlyMap<string, readonly Reason[]>,
  lately: ReadonlySet<string> | undefined,
): string[] {
  if (lately === undefined || imagesOf(published).length === 0) return [];
  const unchanged = (directories: readonly string[]): boolean => !directories.some((each) => lately.has(each));
  const science = definitions.catalogue.science
    .filter((layer) => unchanged(foldersOf(layer)))
    .map((layer) => scienceId(layerKey(layer)));
  const stack = (layer: InterfacedLayer): string[] => [layer, ...definitions.stacks(layer.compat)].flatMap(foldersOf);
  const compat = [...definitions.finals.values()].filter((layer) => unchanged(stack(layer))).map(compatId);
  return [...science, ...compat].flatMap((id) => (reasons.get(id) ?? []).flatMap((reason) => words(id, reason)));
}

const words = (id: string, reason: Reason): string[] =>
  reason.kind === "not-published" && reason.state !== "moved" ? [`${id}: ${reason.says ?? "it is not published"}`] : [];

function unknownBuild({ image }: ImageReading, { git }: Evidence): string[] {
  const crumb = ownCrumb(image.reference, image.crumbs);
  if (crumb === undefined)
    return [`${image.reference}: ${image.crumbs.broken[0] ?? "it carries no labels of a build"}`];
  const { commit } = crumb.stamp;
  return git.commits.get(commit) === undefined
    ? [`${image.reference} was built in commit ${commit}, which this clone does not have`]
    : [];
}

function tagsDiffer({ image, unique }: ImageReading): string[] {
  if (unique === undefined || unique.digest === image.digest) return [];
  const holds = unique.digest === undefined ? "is not there" : `holds ${shortDigest(unique.digest)}`;
  return [`${image.reference} holds ${shortDigest(image.digest)}, its unique tag ${unique.tag} ${holds}`];
}

function movedChildren({ definitions, published }: Evidence): string[] {
  const science = definitions.catalogue.science.map(
    (layer) => [published.sci.get(layerKey(layer)), definitions.graph.parents.get(layerKey(layer)) ?? []] as const,
  );
  const finals = [...definitions.finals].map(([key, layer]) => [published.rel.get(key), [layerKey(layer)]] as const);
  return [...science, ...finals].flatMap(([reading, parents]) =>
    reading?.kind === "image"
      ? movedParents(reading.image, parents, published).flatMap(({ why }) => (why === "" ? [] : [why]))
      : [],
  );
}

function wrongBuilds({ definitions, published }: Evidence): string[] {
  const science = definitions.catalogue.science.map((layer) =>
    found(published.sci.get(layerKey(layer)), (image) => judgeScienceName(image, layer)),
  );
  const finals = [...definitions.finals, ...definitions.adopted].map(([key, each]) =>
    found(published.rel.get(key), (image) => judgeName(image, each)),
  );
  return [...science, ...finals].flat();
}

function found(reading: TagReading | undefined, judge: (image: KnownImage) => Judgement): string[] {
  const { why } = reading?.kind === "image" ? judge(reading.image) : current;
  return why === "" ? [] : [why];
}
