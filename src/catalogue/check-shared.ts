import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Diagnostic, error, warning } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/suggest.ts";
import { locate } from "../diagnostics/text.ts";
import { locateKey } from "./check-compat.ts";
import type { Base, CompatLayer, ScienceLayer, SharedFolder } from "./model.ts";
import { submoduleAbove } from "./shared-folders.ts";

type Layer = ScienceLayer | CompatLayer;

/** What is wrong with the folders that layers share: not there, named and not read, read and not named (B49). */
export function checkShared(root: string, layers: readonly Layer[]): Diagnostic[] {
  const named = namedBy(layers);
  const faults = new Map<string, Fault | undefined>();
  const faultOf = (directory: string): Fault | undefined => {
    if (!faults.has(directory)) faults.set(directory, findFault(root, directory));
    return faults.get(directory);
  };
  const called = new Map<string, string | undefined>();
  const directoryOf = (name: string): string | undefined => {
    if (!called.has(name)) called.set(name, named.get(name) ?? folderCalled(root, name));
    return called.get(name);
  };
  return layers.flatMap((layer) => [
    ...(layer.contexts ?? []).flatMap((shared) => folderProblems(layer, shared, faultOf(shared.directory))),
    ...layer.bases.flatMap((base) => undeclared(layer, base, named, directoryOf) ?? []),
  ]);
}

/** The folder that each name stands for with the first layer that has it. */
const namedBy = (layers: readonly Layer[]): ReadonlyMap<string, string> =>
  new Map(
    layers.flatMap(({ contexts = [] }) => contexts.map(({ name, directory }) => [name, directory] as const)).reverse(),
  );

interface Fault {
  readonly says: string;
  readonly help: string;
}

function folderProblems(layer: Layer, { name, directory, uses }: SharedFolder, fault: Fault | undefined): Diagnostic[] {
  const place = locateKey(layer, `contexts.${name}`);
  if (fault !== undefined)
    return [error("missing-context", `"${name}" is ${directory}, ${fault.says}`, { ...place, help: fault.help })];
  if (uses.length > 0) return [];
  const message = `no instruction reads "${name}", so that a change of ${directory} changes nothing`;
  const help = `write COPY --from=${name} or RUN --mount=from=${name}, or take "${name}" out of "contexts"`;
  return [warning("unused-context", message, { ...place, help })];
}

function findFault(root: string, directory: string): Fault | undefined {
  const names = directory.split("/");
  for (let count = 1; count <= names.length; count += 1) {
    const path = names.slice(0, count).join("/");
    const stats = statOf(join(root, path));
    if (stats === undefined) return missing(directory);
    if (stats.isSymbolicLink()) {
      const says = `${path === directory ? "which" : `and ${path}`} is a symbolic link: changes behind it would go unseen`;
      return { says, help: "name the folder that it leads to, if that is in this repository" };
    }
    if (!stats.isDirectory())
      return { says: `${path === directory ? "which" : `and ${path}`} is no folder`, help: "name the folder it is in" };
  }
  const submodule = submoduleAbove(root, directory);
  return submodule === undefined
    ? undefined
    : { says: `which is in the submodule ${submodule}`, help: `name the submodule itself: "${submodule}"` };
}

function statOf(path: string) {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

const missing = (directory: string): Fault => ({
  says: "which is not there",
  help: `add ${directory}, seen from the root of the catalogue, and commit a file in it: git keeps no empty folder`,
});

/**
 * A name that other layers have for a folder, that a folder of the repository has, or that is nearly one of the layer's own, is an image
 * of Docker Hub here.
 */
function undeclared(
  layer: Layer,
  { via, source, name, range }: Base,
  named: ReadonlyMap<string, string>,
  directoryOf: (name: string) => string | undefined,
): Diagnostic | undefined {
  if (via === "from" || source.kind !== "external" || !/^[a-z][a-z0-9._-]*$/.test(name)) return undefined;
  const own = nearest(name, layer.contexts?.map((each) => each.name) ?? []);
  const directory = own === undefined ? directoryOf(name) : named.get(name);
  if (own === undefined && directory === undefined) return undefined;
  const { path, text } = layer.dockerfile;
  const image = `or "docker.io/library/${name}" if the image is meant`;
  const message = `"${name}" is not in "contexts" of ${layer.directory}, so that it is an image of Docker Hub`;
  const help =
    directory === undefined
      ? `write "${own}", ${image}`
      : `add "contexts": { "${name}": "${directory}" } to ${layer.definition.path}${named.has(name) ? ", as another layer has it" : ""}, ${image}`;
  return warning("undeclared-context", message, { ...locate(path, text, range), help });
}

/** At the root or in a folder of the root; undefined where there is none. */
function folderCalled(root: string, name: string): string | undefined {
  const above = readdirSync(root, { withFileTypes: true }).filter(
    (each) => each.isDirectory() && !/^(?:\.|science$|compat$)/.test(each.name),
  );
  const places = [name, ...above.map((each) => `${each.name}/${name}`)];
  return places.find((place) => statOf(join(root, place))?.isDirectory() === true);
}
