import { locateKey } from "../catalogue/check-compat.ts";
import type { FormerDefinition } from "../catalogue/former.ts";
import { imageVersion } from "../catalogue/graph.ts";
import type { Catalogue } from "../catalogue/model.ts";
import type { ChangeSet } from "../changes/model.ts";
import { type Diagnostic, warning } from "../diagnostics/diagnostic.ts";

export const orphanedImage = "orphaned-image";

/** Image-versions that had a definition at the start of the range and have none now (B17). */
export function orphans(catalogue: Catalogue, { formerDefinitions }: ChangeSet): Diagnostic[] {
  if (formerDefinitions.length === 0) return [];
  const defined = new Set(catalogue.science.map(imageVersion));
  const retired = new Set(
    catalogue.science.flatMap(({ image, retires }) => retires.map((version) => imageVersion({ image, version }))),
  );
  const adopted = new Set(catalogue.settings.adopted.map(imageVersion));
  const lost = new Map(formerDefinitions.map((each) => [imageVersion(each), each]));
  return [...lost]
    .filter(([key]) => !defined.has(key) && !retired.has(key) && !adopted.has(key))
    .map(([, former]) => orphan(catalogue, former));
}

function orphan({ science }: Catalogue, { directory, image, version }: FormerDefinition): Diagnostic {
  const heir = science.find((each) => each.directory === directory) ?? science.find((each) => each.image === image);
  const message = `${image} ${version} has no definition any more: its published image gets no interface updates from now on`;
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
