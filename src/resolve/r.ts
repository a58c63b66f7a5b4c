import { expandWord } from "../dockerfile/index.ts";
import { parentPath } from "../files/entry.ts";
import { pathsEndingIn } from "./index-search.ts";
import type { ResolvedName, ResolvedNames, VersionOf } from "./names.ts";
import type { EnvironmentVariables, View } from "./view.ts";

/** The packages that an R finds, and the files that run when it starts, without a slash. */
export interface ResolvedR {
  readonly packages: ResolvedNames;
  readonly code: readonly string[];
}

/** R_HOME of each R in an image: where its package `base` is. */
export const rHomes = ({ facts }: View): string[] =>
  pathsEndingIn(facts.index, "/library/base/Meta/package.rds").map((path) =>
    path.slice(0, -"/library/base/Meta/package.rds".length),
  );

/** As R puts its libraries together when it starts (`?Startup`, `?libPaths`). */
export function rAt(home: string, view: View, variables: EnvironmentVariables): ResolvedR {
  const environment = environmentOf(home, view, variables);
  const user = environment.get("HOME") ?? view.user.home;
  const site = environment.get("R_LIBS_SITE") || `${home}/site-library`;
  const lists = [environment.get("R_LIBS") ?? "", environment.get("R_LIBS_USER") ?? "", site, `/${home}/library`];
  const folders = lists.flatMap((list) => list.split(":").flatMap((each) => expanded(each, home, user, view)));
  const code = [
    first(view, [environment.get("R_PROFILE") || `${home}/etc/Rprofile.site`]),
    first(view, own(environment.get("R_PROFILE_USER"), ".Rprofile", user, view)),
  ];
  return { packages: packagesIn(folders, view), code: code.flatMap((each) => each ?? []) };
}

/** The variables after `Renviron`, `Renviron.site` and the user's. */
function environmentOf(home: string, view: View, variables: EnvironmentVariables): EnvironmentVariables {
  const environment = new Map([...variables, ["R_HOME", `/${home}`]]);
  const user = variables.get("HOME") ?? view.user.home;
  const files = [
    `${home}/etc/Renviron`,
    variables.get("R_ENVIRON") || `${home}/etc/Renviron.site`,
    first(view, own(variables.get("R_ENVIRON_USER"), ".Renviron", user, view)),
  ];
  for (const file of files) {
    const lines = file === undefined ? [] : (view.text(file) ?? "").split("\n");
    for (const line of lines) {
      const [, name, value = ""] = /^\s*([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
      if (name === undefined || value.length > longest) continue;
      const expanded = expandWord(value, environment).value;
      if (expanded.length <= longest) environment.set(name, expanded);
    }
  }
  return environment;
}

/** Characters of a value, as it stands there and as it is meant. */
const longest = 16 * 1024;

const own = (told: string | undefined, name: string, home: string, { workingFolder }: View): string[] =>
  told ? [told] : [`${workingFolder}/${name}`, `${home}/${name}`];

const first = (view: View, paths: readonly string[]): string | undefined =>
  paths.flatMap((path) => view.at(path)?.path ?? [])[0];

/** `%U`, `%S`, `%V`… of R 4.2, and `~`; the name of the platform is whatever there is a folder of. */
function expanded(folder: string, home: string, user: string, view: View): string[] {
  if (folder === "") return [];
  const version = versionOf(home, view);
  const short = version.split(".").slice(0, 2).join(".");
  const text = folder
    .replace("%U", "~/R/%p-library/%v")
    .replace("%S", `/${home}/site-library`)
    .replaceAll("%V", version)
    .replaceAll("%v", short)
    .replace(/^~(?=\/|$)/, user);
  const path = text.startsWith("/") ? text : `${view.workingFolder}/${text}`;
  const [before = "", behind] = path.split("%p");
  if (behind === undefined) return [path];
  return [...view.list(parentPath(before)).keys()]
    .filter((name) => name.endsWith("-library"))
    .map((name) => `${parentPath(before)}/${name}${behind.slice("-library".length)}`);
}

function versionOf(home: string, view: View): string {
  const entry = view.at(`${home}/library/base/Meta/package.rds`);
  const fact = entry && view.fact(entry);
  return fact?.kind === "packages" ? (fact.packages[0]?.version ?? "") : "";
}

function packagesIn(folders: readonly string[], view: View): ResolvedNames {
  const packages = new Map<string, ResolvedName>();
  for (const folder of folders)
    for (const name of view.list(folder).keys()) {
      if (packages.has(name) || !view.at(`${folder}/${name}/DESCRIPTION`)) continue;
      const path = `${folder.replace(/\/+$/, "")}/${name}`;
      packages.set(name, { path: path.startsWith("/") ? path : `/${path}`, real: view.at(path)?.path ?? "" });
    }
  return packages;
}

export const rVersion: VersionOf = (view, _, { real }) => {
  const entry = view.at(`${real}/Meta/package.rds`);
  const fact = entry && view.fact(entry);
  return fact?.kind === "packages" ? fact.packages[0]?.version : undefined;
};
