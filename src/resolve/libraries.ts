import { readCachedLibraries } from "../contents/library-cache.ts";
import { foldersOf } from "./commands.ts";
import type { ResolvedName, ResolvedNames } from "./names.ts";
import type { EnvironmentVariables, View } from "./view.ts";

/**
 * The file behind every soname, as `ld.so` looks for those that a program's own path (RPATH) does not name: LD_LIBRARY_PATH, what
 * `ldconfig` wrote down, the standard folders. Of other kinds of processors than most libraries are for, each has a line of its own.
 */
export function librariesOf(view: View, variables: EnvironmentVariables): ResolvedNames {
  const libraries = new Map<string, ResolvedName>();
  const add = (name: string, path: string): void => {
    if (libraries.has(name)) return;
    const entry = view.at(path);
    if (entry?.type === "file") libraries.set(name, { path, real: entry.path });
  };
  const told = variables.get("LD_LIBRARY_PATH") ?? "";
  if (told !== "")
    for (const folder of foldersOf(told.replaceAll(";", ":"), view))
      for (const [name, path] of namesIn(folder, view)) add(name, path);
  const cached = readCachedLibraries(view.text("etc/ld.so.cache") ?? "");
  const usual = mostFrequent(cached.map(({ flags }) => flags));
  for (const { soname, path, flags, processor } of cached)
    add(soname + (processor && ` (${processor})`) + (flags === usual ? "" : ` (of kind ${flags.toString(16)})`), path);
  for (const folder of standardFolders(view)) for (const [name, path] of namesIn(folder, view)) add(name, path);
  return libraries;
}

/** Libraries that are loaded into every program before its own, as they are named. */
export function preloadsOf(view: View, variables: EnvironmentVariables): ResolvedNames {
  const file = (view.text("etc/ld.so.preload") ?? "").replace(/#.*/g, "");
  const words = `${variables.get("LD_PRELOAD") ?? ""} ${file}`.split(/[\s:]+/).filter((word) => word !== "");
  const libraries = words.some((word) => !word.includes("/"))
    ? librariesOf(view, variables)
    : new Map<string, ResolvedName>();
  return new Map(
    words.flatMap((word): [string, ResolvedName][] => {
      const entry = view.at(word);
      const found = word.includes("/") ? entry && { path: word, real: entry.path } : libraries.get(word);
      return found ? [[word, found]] : [];
    }),
  );
}

/** Musl has no cache; where it has none, neither does glibc find more than what lies here. */
const standardFolders = (view: View): string[] =>
  ["/lib", "/usr/lib", "/lib64", "/usr/lib64"].flatMap((folder) => [
    ...[...view.list(folder).keys()]
      .filter((name) => /^[\w]+-linux-(?:gnu|musl)\w*$/.test(name))
      .map((name) => `${folder}/${name}`),
    folder,
  ]);

/** By the names of the files, which are what `ld.so` opens. */
const namesIn = (folder: string, view: View): [string, string][] =>
  [...view.list(folder).keys()]
    .filter((name) => /\.so(?:\.|$)/.test(name))
    .map((name) => [name, `${folder.replace(/\/+$/, "")}/${name}`]);

function mostFrequent(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const each of numbers) counts.set(each, (counts.get(each) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? 0;
}
