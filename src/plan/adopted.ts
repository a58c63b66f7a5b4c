import { imageVersion } from "../catalogue/graph.ts";
import type { AdoptedImage, Catalogue } from "../catalogue/model.ts";

/** Adopted orphans that still are some, by image-version: a definition that came back, or `retires`, ends an adoption. */
export function activeAdoptions(catalogue: Catalogue): ReadonlyMap<string, AdoptedImage> {
  const ended = new Set([...catalogue.science.map(imageVersion), ...retiredVersions(catalogue)]);
  const adopted = catalogue.settings.adopted.map((each) => [imageVersion(each), each] as const);
  return new Map(adopted.filter(([key]) => !ended.has(key)));
}

/** Image-versions that are given up on purpose. */
export const retiredVersions = ({ science }: Catalogue): Set<string> =>
  new Set(science.flatMap(({ image, retires }) => retires.map((version) => imageVersion({ image, version }))));
