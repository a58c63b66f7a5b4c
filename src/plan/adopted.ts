import { imageVersion, interfacedLayers, scienceGraph } from "../catalogue/graph.ts";
import type { AdoptedImage, Catalogue } from "../catalogue/model.ts";
import { compatId } from "../naming/build-id.ts";
import { parseLayerPath, releasePath } from "../naming/layer-name.ts";
import { compatEdges, distinct, stackReasons } from "./compat.ts";
import type { CompatBuild } from "./model.ts";
import type { Changed } from "./planning.ts";
import { type Planning, tagPair } from "./planning.ts";
import { replacedFiles } from "./replaced.ts";

/** Adopted orphans that still are some, by image-version: a definition that came back, or `retires`, ends an adoption. */
export function activeAdoptions(catalogue: Catalogue): ReadonlyMap<string, AdoptedImage> {
  const defined = interfacedLayers(scienceGraph(catalogue.science)).map(imageVersion);
  const ended = new Set([...defined, ...retiredVersions(catalogue)]);
  const adopted = catalogue.settings.adopted.map((each) => [imageVersion(each), each] as const);
  return new Map(adopted.filter(([key]) => !ended.has(key)));
}

/** Image-versions that are given up on purpose. */
export const retiredVersions = ({ science }: Catalogue): Set<string> =>
  new Set(science.flatMap(({ image, retires }) => retires.map((version) => imageVersion({ image, version }))));

/** Interface updates of adopted orphans, on the science image that they have had all along. */
export const adoptedBuilds = (
  world: Planning,
  changed: Changed,
  planned: ReadonlyMap<string, unknown>,
): CompatBuild[] =>
  [...activeAdoptions(world.catalogue).values()].flatMap((each) => adoptedBuild(each, world, changed, planned));

function adoptedBuild(
  adopted: AdoptedImage,
  world: Planning,
  changed: Changed,
  planned: ReadonlyMap<string, unknown>,
): CompatBuild[] {
  const { catalogue, changes, stacks } = world;
  const { image, version, compat, science: digest } = adopted;
  const stack = stacks(compat);
  const own = changed.builds.get(compatId(adopted)) ?? [];
  const reasons = distinct([...own, ...stackReasons(stack, "", planned, changed)]);
  if (reasons.length === 0) return [];
  const target = parseLayerPath(adopted.target)?.name ?? adopted.target;
  return [
    {
      id: compatId(adopted),
      kind: "compat",
      image,
      version,
      science: target,
      fixed: { target, digest },
      layers: stack.map(({ name }) => name),
      tags: tagPair(`${catalogue.settings.repo}/${releasePath(image)}`, version, world),
      dependsOn: compatEdges(stack, undefined, planned),
      reasons,
      replaced: replacedFiles(stack, changes),
    },
  ];
}
