import { isFurtherTag } from "../catalogue/further-tags.ts";
import { imageVersion } from "../catalogue/graph.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";
import { parseUniqueTag } from "../naming/unique-tag.ts";
import { isRepositoryComponent, isTag } from "../oci/reference.ts";
import { retiredVersions } from "../plan/adopted.ts";
import { orphanedImage } from "../plan/orphans.ts";
import { isHoldTag } from "../published/hold.ts";
import { type Definitions, relReference } from "./definitions.ts";
import type { Published } from "./model.ts";

export interface ImageVersion {
  readonly image: string;
  readonly version: string;
}

/** Image-versions that the history knew and the catalogue does not any more, by image-version. */
export function lostVersions(definitions: Definitions, past: readonly ImageVersion[]): Map<string, ImageVersion> {
  const possible = past.filter(({ image, version }) => isRepositoryComponent(image) && isTag(version));
  return withoutDefinition(definitions, possible);
}

/** Image-versions in the registry's lists of tags that have no definition, by image-version. */
export const listedOrphans = (definitions: Definitions, { tags }: Pick<Published, "tags">): Map<string, ImageVersion> =>
  withoutDefinition(
    definitions,
    [...tags].flatMap(([image, list]) =>
      list
        .filter((tag) => isStableTag(tag) && !isFurther(definitions, image, tag))
        .map((version) => ({ image, version })),
    ),
  );

/** A tag that moves with a version's own names none. */
const isFurther = ({ finals }: Definitions, image: string, tag: string): boolean =>
  [...finals.values()].some((layer) => layer.image === image && isFurtherTag(layer, tag));

/** Tags of signatures and of other referrers are named after digests, and those of rollbacks after the version. */
const isStableTag = (tag: string): boolean =>
  parseUniqueTag(tag) === undefined && !isHoldTag(tag) && !/^sha256-[0-9a-f]{64}/.test(tag);

function withoutDefinition({ finals, adopted }: Definitions, all: readonly ImageVersion[]): Map<string, ImageVersion> {
  const lost = all.map((each) => [imageVersion(each), each] as const);
  return new Map(lost.filter(([key]) => !finals.has(key) && !adopted.has(key)).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** B17 by the registry: what users can still pull and nobody updates any more. Versions given up on purpose are none. */
export function orphanWarnings({ catalogue }: Definitions, orphans: readonly ImageVersion[]): Diagnostic[] {
  const retired = retiredVersions(catalogue);
  return orphans
    .filter((each) => !retired.has(imageVersion(each)))
    .map((each) => orphanWarning(relReference(catalogue, each), each));
}

const orphanWarning = (reference: string, { image, version }: ImageVersion): Diagnostic =>
  warning(
    orphanedImage,
    `${reference} is published, but ${image} ${version} has no definition any more: it gets no interface updates`,
    {
      help: `image-builder adopt ${image}:${version} gives it interface updates again; list "${version}" in "retires" of a layer of ${image} to give it up`,
    },
  );
