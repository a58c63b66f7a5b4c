import type { FileEntry } from "../files/entry.ts";
import { identityOf, type ResolvedName, type ResolvedNames } from "./names.ts";
import type { EnvironmentVariables, View } from "./view.ts";

/** The folders that a list such as PATH names, first to last; an empty one is the working folder. */
export const foldersOf = (list: string, { workingFolder }: View): string[] =>
  list.split(":").map((folder) => (folder.startsWith("/") ? folder : `${workingFolder}/${folder}`));

/** The file behind every command that stands on PATH. */
export function commandsOf(view: View, variables: EnvironmentVariables): ResolvedNames {
  const commands = new Map<string, ResolvedName>();
  for (const folder of foldersOf(variables.get("PATH") ?? "", view))
    for (const [name, link] of view.list(folder)) {
      if (commands.has(name)) continue;
      const path = `${folder}/${name}`;
      const entry = view.program(path);
      if (entry) commands.set(name, foundAt(path, link, entry));
    }
  return commands;
}

/** `link`: what stands at the path itself. */
const foundAt = (path: string, link: FileEntry, entry: FileEntry): ResolvedName => ({
  path,
  real: entry.path,
  identity: identityOf(entry),
  layer: Math.max(link.layer, entry.layer),
});
