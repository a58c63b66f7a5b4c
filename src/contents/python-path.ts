import { joinPath } from "../files/entry.ts";
import type { ImageConfig } from "../oci/config.ts";
import { textAt } from "./facts.ts";
import { follow } from "./follow.ts";
import type { ImageFacts } from "./model.ts";
import type { PythonHome } from "./python-homes.ts";

/** Where a Python looks for modules, first to last, each folder once. Folders are themselves, links followed. */
interface SearchPath {
  /** Of PYTHONPATH. */
  readonly first: readonly string[];
  readonly standard: readonly string[];
  /** Behind the standard library, as `site` puts them together. */
  readonly sites: readonly string[];
  /** `.pth` files with lines that are code, and `sitecustomize` and `usercustomize` where they are found. */
  readonly code: readonly string[];
}

/** What a Python is told when it is started. */
export interface PythonStart {
  readonly variables: ReadonlyMap<string, string>;
  /** Of the user, with a slash. */
  readonly home: string;
  /** With a slash; undefined where relative paths are passed over. */
  readonly workingFolder?: string;
}

/** A start with the user and the environment of an image. */
export const startOf = (facts: ImageFacts, { config }: ImageConfig): PythonStart => ({
  variables: new Map((config?.Env ?? []).map((each) => splitAt(each, "="))),
  home: homeOf(config?.User ?? "", facts),
});

/**
 * The path of a Python, as `site` puts it together (https://docs.python.org/3/library/site.html).
 */
export function searchPath(home: PythonHome, facts: ImageFacts, start: PythonStart): SearchPath {
  const { variables, workingFolder } = start;
  const path = new PathBuilder(facts);
  for (const folder of (variables.get("PYTHONPATH") || undefined)?.split(":") ?? [])
    if (folder.startsWith("/")) path.add(folder);
    else if (workingFolder !== undefined) path.add(`${workingFolder}/${folder}`);
  const first = path.folders.length;
  for (const folder of standardOf(home)) path.add(folder);
  const standard = path.folders.length;
  const isVirtual = home.prefix !== home.base;
  if (isVirtual) for (const folder of sitesOf(home.prefix, home)) path.addSite(folder);
  const user = userSite(home, start);
  const isUsers = user !== undefined && (!isVirtual || home.withBase);
  if (isUsers) path.addSite(user);
  if (isVirtual && home.withBase) for (const folder of sitesOf(home.base, home)) path.addSite(folder);
  if (!isVirtual) for (const folder of sitesOf(home.prefix, home)) path.addSite(folder);
  const custom = ["sitecustomize", ...(isUsers ? ["usercustomize"] : [])];
  return {
    first: path.folders.slice(0, first),
    standard: path.folders.slice(first, standard),
    sites: path.folders.slice(standard),
    code: [...path.code, ...custom.flatMap((name) => moduleIn(path.folders, name, facts))],
  };
}

const standardOf = ({ base, version }: PythonHome): string[] => {
  const folders = ["lib", "lib64"].map((folder) => joinPath(base, `${folder}/python${version}`));
  return [
    joinPath(base, `lib/python${version.replace(".", "")}.zip`),
    ...folders,
    ...folders.map((each) => `${each}/lib-dynload`),
  ];
};

function sitesOf(prefix: string, { version, debian, prefix: own, base }: PythonHome): string[] {
  const plain = [`lib64/python${version}/site-packages`, `lib/python${version}/site-packages`];
  const debians = [
    `local/lib/python${version}/dist-packages`,
    "lib/python3/dist-packages",
    `lib/python${version}/dist-packages`,
  ];
  const folders = debian ? [...(own === base ? [] : [`lib/python${version}/site-packages`]), ...debians] : plain;
  return folders.map((folder) => joinPath(prefix, folder));
}

function userSite({ version }: PythonHome, { variables, home }: PythonStart): string | undefined {
  if (variables.get("PYTHONNOUSERSITE")) return undefined;
  const base = variables.get("PYTHONUSERBASE") || `${variables.get("HOME") || home}/.local`;
  return `${base}/lib/python${version}/site-packages`;
}

/** By the image's `/etc/passwd`; who is not in there has the root for a home. */
function homeOf(user: string, facts: ImageFacts): string {
  const name = user.split(":")[0] || "0";
  const lines = (textAt(facts, "etc/passwd") ?? "").split("\n").map((line) => line.split(":"));
  const found = lines.find((fields) => fields[0] === name) ?? lines.find((fields) => fields[2] === name);
  return found?.[5] || (name === "0" || name === "root" ? "/root" : "/");
}

/** The file of a module that is run when it is imported: the first on the path. */
function moduleIn(folders: readonly string[], name: string, { index }: ImageFacts): string[] {
  const files = folders.flatMap((folder) => [`${folder}/${name}/__init__.py`, `${folder}/${name}.py`]);
  const found = files.find((path) => follow(index, path)?.type === "file");
  return found === undefined ? [] : [found];
}

class PathBuilder {
  readonly folders: string[] = [];
  readonly code: string[] = [];
  readonly #facts: ImageFacts;

  constructor(facts: ImageFacts) {
    this.#facts = facts;
  }

  /** A folder that is there and not yet on the path; true when it was added. */
  add(path: string): boolean {
    const found = follow(this.#facts.index, path);
    const isEgg = found?.type === "file" && /\.(?:egg|zip|whl)$/.test(found.path);
    if (!found || (found.type !== "directory" && !isEgg) || this.folders.includes(found.path)) return false;
    this.folders.push(found.path);
    return true;
  }

  /** And what its `.pth` files add, in the order of their names. A folder that is on the path already has been through this. */
  addSite(path: string): void {
    const { index } = this.#facts;
    if (!this.add(path)) return;
    const site = follow(index, path)?.path ?? path;
    const names = [...index.children(site)].map((entry) => entry.path).filter((each) => each.endsWith(".pth"));
    for (const file of names.filter((each) => !each.slice(site.length + 1).startsWith(".")).sort())
      this.#addLines(site, file);
  }

  #addLines(site: string, file: string): void {
    const lines = (textAt(this.#facts, file) ?? "").split("\n");
    if (lines.some((line) => /^import[ \t]/.test(line))) this.code.push(file);
    for (const line of lines) {
      const path = line.trimEnd();
      if (path === "" || path.startsWith("#") || /^import[ \t]/.test(line)) continue;
      this.add(path.startsWith("/") ? path : `${site}/${path}`);
    }
  }
}

const splitAt = (text: string, mark: string): [string, string] => {
  const at = text.indexOf(mark);
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
};
