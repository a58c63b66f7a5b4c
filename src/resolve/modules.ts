import { joinPath } from "../files/entry.ts";
import type { ResolvedName, ResolvedNames, VersionOf } from "./names.ts";
import type { View } from "./view.ts";

/** Folders without a slash, first to last. */
interface ModulePath {
  /** Where what is no package and no module is not imported either: every folder in the root would be. */
  readonly working: readonly string[];
  readonly folders: readonly string[];
  /** The standard library. */
  readonly frozenFrom: readonly string[];
}

/**
 * What every name that can be imported leads to: in the first folder that has a package or module of it, else the first folder of the name
 * (https://docs.python.org/3/reference/import.html#the-path-based-finder).
 */
export function modulesOf(view: View, version: string, { working, folders, frozenFrom }: ModulePath): ResolvedNames {
  const modules = new Map<string, ResolvedName>();
  const shared = new Map<string, ResolvedName>();
  for (const folder of frozenFrom)
    for (const [name, found] of foundIn(view, folder, version).modules)
      if (frozen.has(name) && isFrozen(version) && !modules.has(name)) modules.set(name, found);
  for (const folder of [...working, ...folders]) {
    const { modules: own, folders: portions } = foundIn(view, folder, version);
    for (const [name, found] of own) if (!modules.has(name)) modules.set(name, found);
    if (working.includes(folder)) continue;
    for (const [name, found] of portions) if (!shared.has(name)) shared.set(name, found);
  }
  for (const [name, found] of shared) if (!modules.has(name)) modules.set(name, found);
  return modules;
}

/** Part of the interpreter, so that no file is looked for. */
const frozen: ReadonlySet<string> = new Set(
  "_collections_abc _sitebuiltins abc codecs genericpath io ntpath os posixpath runpy site stat".split(" "),
);

const isFrozen = (version: string): boolean => Number(version.split(".")[1]) >= 11;

interface FoundIn {
  readonly modules: ResolvedNames;
  /** Folders that are no packages by themselves and share their name. */
  readonly folders: ResolvedNames;
}

const known = new WeakMap<View, Map<string, FoundIn>>();

/** By the order in which Python looks into one folder. */
function foundIn(view: View, folder: string, version: string): FoundIn {
  const key = `${version} ${folder}`;
  const own = known.get(view) ?? new Map<string, FoundIn>();
  known.set(view, own);
  const found = own.get(key) ?? lookInto(view, folder, version);
  own.set(key, found);
  return found;
}

function lookInto(view: View, folder: string, version: string): FoundIn {
  const candidates = new Map<string, { readonly found: ResolvedName; readonly rank: number }>();
  for (const name of view.list(folder).keys()) {
    const [, module = "", ending = ""] = /^([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)(.*)$/.exec(name) ?? [];
    if (module === "" || module === "__pycache__") continue;
    const path = joinPath(folder, name);
    const rank = ending === "" ? rankOfFolder(view, path, version) : rankOfFile(ending, version);
    if (rank === undefined || rank >= (candidates.get(module)?.rank ?? Number.POSITIVE_INFINITY)) continue;
    const entry = view.at(path);
    if (!entry || (entry.type === "file") === (ending === "")) continue;
    candidates.set(module, { found: { path: `/${path}`, real: entry.path }, rank });
  }
  const of = (isFolder: boolean): ResolvedNames =>
    new Map(
      [...candidates]
        .filter(([, { rank }]) => (rank === folderRank) === isFolder)
        .map(([name, { found }]) => [name, found]),
    );
  return { modules: of(false), folders: of(true) };
}

const folderRank = 9;

function rankOfFolder(view: View, path: string, version: string): number {
  for (const name of view.list(path).keys())
    if (name.startsWith("__init__.") && rankOfFile(name.slice("__init__".length), version) !== undefined) return 0;
  return folderRank;
}

/** Compiled modules come before sources, and these before what was compiled of them. */
function rankOfFile(ending: string, version: string): number | undefined {
  const tag = `.cpython-${version.replace(".", "")}`;
  if (ending.endsWith(".so")) {
    const own = ending.slice(0, -3);
    if (own === tag || own.startsWith(`${tag}-`) || own.startsWith(`${tag}d`)) return 1;
    return own === ".abi3" ? 2 : own === "" ? 3 : undefined;
  }
  return ending === ".py" ? 4 : ending === ".pyc" ? 5 : undefined;
}

/** By what an installer left beside it, else by what the package says of itself. */
export const moduleVersion: VersionOf = (view, name, { path, real }) => {
  const folder = path.slice(0, path.lastIndexOf("/"));
  for (const each of view.list(folder).keys()) {
    const [, own = "", version] = /^([^-]+)-([^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info$/.exec(each) ?? [];
    if (own.toLowerCase().replace(/[-.]/g, "_") === name.toLowerCase()) return version;
  }
  const init = view.at(`${real}/__init__.py`);
  const fact = init && view.fact(init);
  return fact?.kind === "version" ? fact.version : undefined;
};
