import { imageVersion, interfacedLayers, scienceGraph } from "../catalogue/graph.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { compatId, layerKey } from "../naming/build-id.ts";
import { activeAdoptions } from "./adopted.ts";
import type { Reason } from "./model.ts";
import type { Changed, Planning, Refresh } from "./planning.ts";

/**
 * What is built anew although nothing changed (B52). A directory means its layer; an image or image-version means its interface, on
 * the science image that it has. Throws `RefusedError` for a name that is neither.
 */
export function refreshedLayers({ catalogue }: Planning, { what }: Refresh): Changed {
  const directories = new Map(what.map((each) => [each.replace(/\/+$/, ""), each]));
  const named = <T extends { readonly directory: string }>(layers: readonly T[], name: (layer: T) => string) =>
    layers.flatMap((layer): [string, readonly Reason[]][] =>
      directories.has(layer.directory) ? [[name(layer), [reasonOf(layer.directory)]]] : [],
    );
  const versions = imageVersions(catalogue);
  const builds = what.flatMap((each) =>
    versions
      .filter(({ image, version }) => each === image || each === imageVersion({ image, version }))
      .map((found): [string, readonly Reason[]] => [compatId(found), [reasonOf(each)]]),
  );
  const changed = {
    science: new Map(named(catalogue.science, layerKey)),
    compat: new Map(named(catalogue.compat, ({ name }) => name)),
    builds: new Map(builds),
  };
  refuseUnknown(what, catalogue, versions);
  return { kept: new Map(), warnings: [], ...changed };
}

const reasonOf = (asked: string): Reason => ({ kind: "refreshed", asked });

interface ImageVersion {
  readonly image: string;
  readonly version: string;
}

const imageVersions = (catalogue: Catalogue): ImageVersion[] => [
  ...interfacedLayers(scienceGraph(catalogue.science)),
  ...activeAdoptions(catalogue).values(),
];

function refuseUnknown(
  what: readonly string[],
  { science, compat }: Catalogue,
  versions: readonly ImageVersion[],
): void {
  const directories = [...science, ...compat].map(({ directory }) => directory);
  const known = new Set([...directories, ...versions.flatMap((each) => [each.image, imageVersion(each)])]);
  const unknown = what.filter((each) => !known.has(each.replace(/\/+$/, "")));
  if (unknown.length === 0) return;
  throw new RefusedError(
    unknown.map((each) =>
      error(
        "unknown-refresh",
        `${JSON.stringify(each)} is no layer and no image of this catalogue${didYouMean(each, [...known])}`,
        {
          help: "name a directory (science/nist-basic, compat/jupyter), or an image whose interface is meant (nist-basic:1.0)",
        },
      ),
    ),
  );
}
