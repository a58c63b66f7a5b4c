import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { layerKey } from "../naming/build-id.ts";
import { releasePath, sciencePath } from "../naming/layer-name.ts";
import { parseUniqueTag } from "../naming/unique-tag.ts";
import { locateKey } from "./check-compat.ts";
import { furtherTags } from "./further-tags.ts";
import { finalLayers, imageVersion, type ScienceGraph } from "./graph.ts";
import type { ScienceLayer } from "./model.ts";

/** What is wrong with `tags`: two image-versions want one, one is a version or reads like a unique tag, or nobody uses them (B50). */
export function checkTags(graph: ScienceGraph): Diagnostic[] {
  const layers = [...graph.layers.values()];
  if (!layers.some(({ tags }) => tags !== undefined)) return [];
  const finals = new Set([...finalLayers(graph).values()].flat());
  const taken = new Map(layers.flatMap((layer) => versionOwners(layer, finals.has(layer))));
  return layers.flatMap((layer) =>
    finals.has(layer) ? tagsOf(layer).flatMap((tag, at) => tagProblems(layer, tag, at, taken)) : unusedTags(layer),
  );
}

const tagsOf = (layer: ScienceLayer): string[] => furtherTags(layer, "{date}");

/** Repository of the tags of an image-version: that of what users get, or else of the science image. */
const pathOf = ({ compat, image, target }: ScienceLayer): string =>
  compat === undefined ? sciencePath(target) : releasePath(image);

interface Owner {
  readonly layer: ScienceLayer;
  readonly key: string;
}

const versionOwners = (layer: ScienceLayer, isFinal: boolean): [string, Owner][] => {
  const paths = [sciencePath(layer.target), ...(isFinal ? [pathOf(layer)] : [])];
  return paths.map((path) => [`${path}:${layer.version}`, { layer, key: "version" }]);
};

function tagProblems(layer: ScienceLayer, tag: string, at: number, taken: Map<string, Owner>): Diagnostic[] {
  const key = `tags.${at}`;
  const place = locateKey(layer, key);
  if (/\{(major|minor)\}/.test(tag)) {
    const message = `the version "${layer.version}" has no number for ${tag}`;
    return [error("wrong-value", message, { ...place, help: "write the tag in full" })];
  }
  if (parseUniqueTag(tag) !== undefined) {
    const message = `the tag "${tag}" has the form of a unique tag, {version}-{number}-{commit}, which never moves`;
    return [error("same-tag", message, { ...place, help: "choose a tag that does not end in a number and a hash" })];
  }
  const name = `${pathOf(layer)}:${tag}`;
  const other = taken.get(name);
  if (other === undefined) taken.set(name, { layer, key });
  return other === undefined ? [] : [wantedTwice(layer, tag, place, other)];
}

function wantedTwice(layer: ScienceLayer, tag: string, place: ReturnType<typeof locateKey>, other: Owner): Diagnostic {
  const who = other.layer === layer ? "itself" : `${imageVersion(other.layer).replace(":", " ")}`;
  const message = `${imageVersion(layer).replace(":", " ")} wants the tag ${pathOf(layer)}:${tag}, which ${who} has already`;
  return error("same-tag", message, {
    ...place,
    notes: [{ message: `${layerKey(other.layer)} says so here`, at: locateKey(other.layer, other.key).at }],
    help: "leave it to one of them",
  });
}

function unusedTags(layer: ScienceLayer): Diagnostic[] {
  if (layer.tags === undefined) return [];
  const message = `"tags" has no effect here: another layer of ${imageVersion(layer).replace(":", " ")} is built on ${layer.directory}, and has its tags`;
  return [warning("unused-tags", message, { ...locateKey(layer, "tags"), help: "move them to the final layer" })];
}
