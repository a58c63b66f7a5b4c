import { finalLayers, imageVersion, scienceGraph } from "../catalogue/graph.ts";
import { definitionName, dockerfileName } from "../catalogue/list.ts";
import type { Catalogue, ScienceLayer } from "../catalogue/model.ts";
import { type Diagnostic, error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { layerKey } from "../naming/build-id.ts";
import { scienceName } from "../naming/layer-name.ts";
import type { Scaffold, ScienceRequest } from "./model.ts";
import { definitionText } from "./text.ts";

/**
 * A new science layer: on a layer of the catalogue, as the seed's "add without changing version" and, with a version,
 * "add and change version", or on somebody else's image. Throws `RefusedError` for what would make no sense of the catalogue.
 */
export function scaffoldScience(catalogue: Catalogue, request: ScienceRequest): Scaffold {
  const parent = request.from === undefined ? undefined : layerNamed(request.from, catalogue);
  const image = request.image ?? parent?.image ?? request.name;
  const version = request.version ?? parent?.version ?? "";
  const compat = request.compat ?? parent?.compat ?? false;
  const wanted = { image, version };
  conflictOf(catalogue, wanted, parent);
  const base = parent ? scienceName(parent) : (request.base ?? "");
  const directory = `science/${request.name}`;
  return {
    directory,
    files: [
      {
        path: `${directory}/${definitionName}`,
        text: definitionText({ image, version, compat, description: request.description }),
        is: "created",
      },
      { path: `${directory}/${dockerfileName}`, text: dockerfile(base), is: "created" },
    ],
    says: [meaning(wanted, parent)],
    warnings: [],
  };
}

/** By target, or by the name of the directory; one of several variants with its version, `python:3.12`. Throws `RefusedError`. */
export function layerNamed(name: string, { science }: Catalogue): ScienceLayer {
  const bare = name.replace(/^science\//, "").replace(/\/$/, "");
  const exact = science.find((each) => layerKey(each) === bare) ?? science.find((each) => each.name === bare);
  const variants = science.filter(({ target, variant }) => variant !== undefined && target === bare);
  const several =
    variants.length > 0
      ? variants
      : exact?.variant === undefined
        ? []
        : science.filter(({ directory }) => directory === exact.directory);
  if (exact && layerKey(exact) === bare) return exact;
  if (several.length > 1) throw new RefusedError([severalVariants(name, several)]);
  const found = several[0] ?? exact;
  if (found) return found;
  const targets = science.map(({ target }) => target);
  throw new RefusedError([
    error("unknown-target", `there is no science layer ${JSON.stringify(name)}${didYouMean(bare, targets)}`, {
      help:
        targets.length === 0
          ? "the catalogue has no science layer yet; start from an image with --base"
          : `write one of: ${targets.slice(0, 20).join(", ")}`,
    }),
  ]);
}

const severalVariants = (name: string, variants: readonly ScienceLayer[]): Diagnostic =>
  error(
    "several-variants",
    `${JSON.stringify(name)} has several versions: ${variants.map(({ version }) => version).join(", ")}`,
    {
      help: `name one of them: ${variants.slice(0, 20).map(layerKey).join(", ")}`,
    },
  );

/** Throws `RefusedError` where an image-version has a final layer already, and the new one is not built on it. */
export function conflictOf(
  catalogue: Catalogue,
  wanted: Pick<ScienceLayer, "image" | "version">,
  parent: ScienceLayer | undefined,
): void {
  const problem = conflict(catalogue, wanted, parent);
  if (problem) throw new RefusedError([problem]);
}

/** An image-version has one final layer (B7): who adds to it builds on that one. */
function conflict(
  { science }: Catalogue,
  wanted: Pick<ScienceLayer, "image" | "version">,
  parent: ScienceLayer | undefined,
): Diagnostic | undefined {
  const [final] = finalLayers(scienceGraph(science)).get(imageVersion(wanted)) ?? [];
  if (!final || final === parent) return undefined;
  const message = `${wanted.image} ${wanted.version} is defined already: its final layer is ${final.directory}`;
  return error("two-final-images", message, {
    help: `build on that one with --from ${layerKey(final)}, or give another --version`,
  });
}

const dockerfile = (base: string): string =>
  `FROM ${base}\n\n# What this layer adds. Nothing here needs to know of SciServer: the interface comes on top by itself.\n# RUN apt-get update && apt-get install -y --no-install-recommends PACKAGE && rm -rf /var/lib/apt/lists/*\n`;

function meaning(
  { image, version }: Pick<ScienceLayer, "image" | "version">,
  parent: ScienceLayer | undefined,
): string {
  const own = `${image} ${version}`;
  if (parent?.image !== image) return `starts the image-version ${own}`;
  if (parent.version === version) {
    return `becomes the final layer of ${own}: who pulls ${image}:${version} gets it once it is published, with all that ${parent.target} has`;
  }
  return `starts ${own} on top of ${parent.version}, which stays and goes on getting updates of the interface`;
}
