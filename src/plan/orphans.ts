import { locateKey } from "../catalogue/check-compat.ts";
import type { FormerDefinition } from "../catalogue/former.ts";
import { finalLayers, imageVersion, interfacedLayers, scienceGraph } from "../catalogue/graph.ts";
import type { Catalogue } from "../catalogue/model.ts";
import type { ChangeSet } from "../changes/model.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";

export const orphanedImage = "orphaned-image";

/** Image-versions that users got at the start of the range and that have no definition now, or none with an interface (B17, B51). */
export function orphans(catalogue: Catalogue, changes: ChangeSet): Diagnostic[] {
  const former = [
    ...changes.formerDefinitions.filter(({ compat }) => compat !== ""),
    ...coveredNow(catalogue, changes),
  ];
  if (former.length === 0) return [];
  const defined = new Set(interfacedLayers(scienceGraph(catalogue.science)).map(imageVersion));
  const retired = new Set(
    catalogue.science.flatMap(({ image, retires }) => retires.map((version) => imageVersion({ image, version }))),
  );
  const adopted = new Set(catalogue.settings.adopted.map(imageVersion));
  const lost = new Map(former.map((each) => [imageVersion(each), each]));
  return [...lost]
    .filter(([key]) => !defined.has(key) && !retired.has(key) && !adopted.has(key))
    .map(([, former]) => orphan(catalogue, former));
}

/** Layers that had the interface of their image-version until one without any came to be built on them. */
function coveredNow({ science }: Catalogue, { files, formerDefinitions }: ChangeSet): FormerDefinition[] {
  const changed = new Set(files.map(({ path }) => path));
  const was = new Set(formerDefinitions.flatMap((each) => (each.compat === "" ? [imageVersion(each)] : [])));
  const bare = [...finalLayers(scienceGraph(science))].flatMap(([key, [layer]]) =>
    layer && layer.compat === undefined && changed.has(layer.definition.path) && !was.has(key) ? [key] : [],
  );
  if (bare.length === 0) return [];
  return science.flatMap(({ compat, ...layer }) =>
    compat !== undefined && bare.includes(imageVersion(layer)) ? [{ ...layer, compat }] : [],
  );
}

function orphan({ science }: Catalogue, { directory, image, version }: FormerDefinition): Diagnostic {
  const isDefined = science.some((each) => each.image === image && each.version === version);
  const heir = science.find((each) => each.directory === directory) ?? science.find((each) => each.image === image);
  const message = `${image} ${version} has no ${isDefined ? "interface" : "definition"} any more: its published image gets no interface updates from now on`;
  const place = (heir && locateKey(heir, "version").at) ?? {
    file: `${directory}/sciserver-image.json`,
    line: 1,
    column: 1,
  };
  const retire =
    heir?.image === image
      ? `add "retires": ["${version}"] to ${heir.definition.path} if it is given up on purpose, or `
      : "";
  return warning(orphanedImage, message, {
    at: place,
    help: `${retire}keep its interface updates with image-builder adopt ${image}:${version}, or define the new version in a directory of its own (--allow-orphans publishes all the same)`,
  });
}
