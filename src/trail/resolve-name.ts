import { finalLayers, imageVersion } from "../catalogue/graph.ts";
import type { Catalogue } from "../catalogue/model.ts";
import { error } from "../diagnostics/diagnostic.ts";
import { RefusedError } from "../diagnostics/failure.ts";
import { didYouMean } from "../diagnostics/suggest.ts";
import { definitionsOf } from "../judge/definitions.ts";
import { releaseName, scienceName } from "../naming/layer-name.ts";
import { parseReference } from "../oci/reference.ts";

/**
 * The whole reference that a person means by `nist-basic:1.0`, `nist-basic:1.0-42-f90dbd6`, `nist-basic` (where it has one
 * version), `sci/nist-basic:1.0`, a target, or a reference in full. Throws `RefusedError` for what is none of them.
 */
export function resolveName(catalogue: Catalogue, name: string): string {
  if (isWhole(name)) return checked(name, name);
  const { repo } = catalogue.settings;
  if (/^(sci|rel)\//.test(name)) return checked(`${repo}/${name}`, name);
  const [, image = name, rest = ""] = /^([^:@]+)([:@].*)$/.exec(name) ?? [];
  if (rest !== "") return checked(`${repo}/${roomOf(catalogue, image)}/${image}${rest}`, name);
  return `${repo}/${onlyOne(catalogue, name)}`;
}

/** With a host, as Docker tells it from a path. */
const isWhole = (name: string): boolean => /^(localhost|[^/]*[.:][^/]*)\/./.test(name);

function checked(reference: string, name: string): string {
  const parsed = parseReference(reference);
  if (parsed === undefined) throw new RefusedError([badName(name, "is not the name of an image")]);
  if (parsed.tag !== undefined || parsed.digest !== undefined) return reference;
  throw new RefusedError([badName(name, "names no version")]);
}

/** Images are meant before targets; what the catalogue does not know may still be published. */
const roomOf = ({ science }: Catalogue, name: string): "rel" | "sci" =>
  !science.some(({ image, compat }) => image === name && compat !== undefined) &&
  science.some(({ target }) => target === name)
    ? "sci"
    : "rel";

function onlyOne(catalogue: Catalogue, name: string): string {
  const { graph } = definitionsOf(catalogue);
  const finals = [...finalLayers(graph).values()].flat().filter(({ image }) => image === name);
  if (finals.length > 1) {
    const versions = finals.map(imageVersion).sort().join(", ");
    throw new RefusedError([badName(name, `has several versions: ${versions}`)]);
  }
  const variants = catalogue.science.filter(({ target, variant }) => variant !== undefined && target === name);
  const layer = graph.layers.get(name) ?? variants[0];
  if (finals.length === 0 && variants.length > 1) {
    const versions = variants.map(scienceName).sort().join(", ");
    throw new RefusedError([badName(name, `has several versions: ${versions}`)]);
  }
  if (finals[0]) return finals[0].compat === undefined ? scienceName(finals[0]) : releaseName(finals[0]);
  if (layer) return scienceName(layer);
  const names = catalogue.science.flatMap((each) => [each.image, each.target]);
  throw new RefusedError([badName(name, `is no image of this catalogue${didYouMean(name, new Set(names))}`)]);
}

const badName = (name: string, what: string) =>
  error("unknown-image", `${JSON.stringify(name)} ${what}`, {
    help: "name an image-version (nist-basic:1.0), a unique tag (nist-basic:1.0-42-f90dbd6), sci/TARGET:VERSION, or a reference in full",
  });
