import { joinPath } from "../files/entry.ts";
import type { ImageConfig } from "../oci/config.ts";
import { textAt } from "./facts.ts";
import { follow } from "./follow.ts";
import type { ImageFacts } from "./model.ts";
import type { PythonHome } from "./python-homes.ts";

interface SitePath {
  /** The folders themselves, links followed. */
  readonly folders: readonly string[];
  /** `.pth` files with lines that are code, and `sitecustomize` and `usercustomize` where they are found. */
  readonly code: readonly string[];
}

/**
 * Where a Python looks for packages behind its standard library, as `site` puts it together
 * (https://docs.python.org/3/library/site.html), for the user and the environment of an image.
 */
export function sitePath(home: PythonHome, facts: ImageFacts, config: ImageConfig): SitePath {
  const environment = new Map((config.config?.Env ?? []).map((each) => splitAt(each, "=")));
  const path = new PathBuilder(facts);
  for (const folder of (environment.get("PYTHONPATH") ?? "").split(":")) if (folder.startsWith("/")) path.add(folder);
  const isVirtual = home.prefix !== home.base;
  if (isVirtual) for (const folder of sitesOf(home.prefix, home)) path.addSite(folder);
  const user = userSite(home, facts, config, environment);
  if (user !== undefined && (!isVirtual || home.withBase)) path.addSite(user);
  if (isVirtual && home.withBase) for (const folder of sitesOf(home.base, home)) path.addSite(folder);
  if (!isVirtual) for (const folder of sitesOf(home.prefix, home)) path.addSite(folder);
  return { folders: path.folders, code: [...path.code, ...customized(path.folders, home, facts)] };
}

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

function userSite(
  { version }: PythonHome,
  facts: ImageFacts,
  { config }: ImageConfig,
  environment: ReadonlyMap<string, string>,
): string | undefined {
  if (environment.get("PYTHONNOUSERSITE")) return undefined;
  const base =
    environment.get("PYTHONUSERBASE") ?? `${environment.get("HOME") ?? homeOf(config?.User ?? "", facts)}/.local`;
  return `${base}/lib/python${version}/site-packages`;
}

/** By the image's `/etc/passwd`; who is not in there has the root for a home. */
function homeOf(user: string, facts: ImageFacts): string {
  const name = user.split(":")[0] || "0";
  const lines = (textAt(facts, "etc/passwd") ?? "").split("\n").map((line) => line.split(":"));
  const found = lines.find((fields) => fields[0] === name) ?? lines.find((fields) => fields[2] === name);
  return found?.[5] || (name === "0" || name === "root" ? "/root" : "/");
}

/** A first `usercustomize` or `sitecustomize` on the path, standard library included, is run. */
function customized(folders: readonly string[], { base, version }: PythonHome, { index }: ImageFacts): string[] {
  const all = [joinPath(base, `lib/python${version}`), ...folders];
  return ["sitecustomize", "usercustomize"].flatMap((name) => {
    const files = all.flatMap((folder) => [`${folder}/${name}/__init__.py`, `${folder}/${name}.py`]);
    const found = files.find((path) => follow(index, path)?.type === "file");
    return found === undefined ? [] : [found];
  });
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
