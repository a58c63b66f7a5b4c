import { locateKey } from "../catalogue/check-compat.ts";
import { imageVersion } from "../catalogue/graph.ts";
import { readJson } from "../catalogue/json.ts";
import type { Catalogue, ScienceLayer } from "../catalogue/model.ts";
import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import type { InPlaceRequest, Scaffold } from "./model.ts";
import { layerNamed } from "./science.ts";

/**
 * Changes the version of a layer where it stands. The image-version it had becomes an orphan, unless another layer defines
 * it or it is given up on purpose (B17): `retires` is written only where that was asked for, since it silences the check
 * that protects its users.
 */
export function changeInPlace(catalogue: Catalogue, request: InPlaceRequest): Scaffold {
  const layer = layerNamed(request.name, catalogue);
  const { directory, definition } = layer;
  if (layer.variant !== undefined) throw new RefusedError([ofVariants(layer)]);
  if (request.version === undefined || request.version === layer.version) return unchanged(layer);
  const taken = catalogue.science.find((each) => each.image === layer.image && each.version === request.version);
  if (taken) throw new RefusedError([alreadyDefined(taken)]);
  const orphaned = !catalogue.science.some((each) => each !== layer && imageVersion(each) === imageVersion(layer));
  const text = edit(layer, request.version, request.retire && orphaned);
  return {
    directory,
    files: [{ path: definition.path, text, is: "edited" }],
    says: [
      `${layer.image} ${layer.version} becomes ${request.version}`,
      ...(request.retire && orphaned ? [retired(layer)] : []),
    ],
    warnings: [...(orphaned && !request.retire ? [orphan(layer)] : []), ...dependents(layer, catalogue)],
  };
}

const unchanged = ({ directory, image, version }: ScienceLayer): Scaffold => ({
  directory,
  files: [],
  says: [
    `${image} ${version} is changed in place by changing ${directory}: every commit there plans a new build of it, and of what is built on it`,
  ],
  warnings: [],
});

/** The definition's own spelling stays, comments too. */
function edit({ definition, retires, version }: ScienceLayer, wanted: string, retire: boolean): string {
  const { places, text } = readJson(definition);
  const at = places["version"];
  if (!at) throw new TypeError(`${definition.path} has no version`);
  const list = JSON.stringify([...retires, version]).replaceAll(",", ", ");
  const old = places["retires"];
  const edits = [
    { ...at, put: JSON.stringify(wanted) + (retire && !old ? `,\n${indentAt(text, at.start)}"retires": ${list}` : "") },
  ];
  if (retire && old) edits.push({ ...old, put: list });
  return edits
    .sort((a, b) => b.start - a.start)
    .reduce((result, { start, end, put }) => result.slice(0, start) + put + result.slice(end), text);
}

const indentAt = (text: string, offset: number): string =>
  /^[ \t]*/.exec(text.slice(text.lastIndexOf("\n", offset - 1) + 1))?.[0] ?? "";

const retired = ({ image, version }: ScienceLayer): string =>
  `${image} ${version} is given up: it can still be pulled, and gets no updates of the interface any more`;

function orphan(layer: ScienceLayer): Diagnostic {
  const { image, version, definition } = layer;
  return warning(
    "orphaned-image",
    `${image} ${version} has no definition any more: where it is published, it gets no updates of the interface from now on`,
    {
      ...locateKey(layer, "version"),
      help: `to keep it, take this back and write image-builder new science NAME --from ${definition.path.split("/")[1]} --version …; to give it up, say so with --retire`,
    },
  );
}

const dependents = (layer: ScienceLayer, { science }: Catalogue): Diagnostic[] =>
  science.flatMap((each) =>
    each.bases.flatMap(({ source, place, written }) =>
      source.kind === "parent" && source.target === layer.target
        ? [
            warning("names-old-version", `${each.directory} is built on ${written}, which is the version before`, {
              at: place,
              help: "change its FROM line as well",
            }),
          ]
        : [],
    ),
  );

const ofVariants = (layer: ScienceLayer): Diagnostic =>
  error("several-variants", `${layer.directory} has variants, whose versions are changed in their list`, {
    ...locateKey(layer, "version"),
    help: "change the entry, or add one and keep the version there is",
  });

const alreadyDefined = ({ image, version, directory, target }: ScienceLayer): Diagnostic =>
  error("two-final-images", `${image} ${version} is defined already, by ${directory}`, {
    help: `give another --version, or build on it with --from ${target}`,
  });
