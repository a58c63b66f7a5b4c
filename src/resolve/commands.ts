import type { ResolvedName, ResolvedNames } from "./names.ts";
import type { EnvironmentVariables, View } from "./view.ts";

/** The folders that a list such as PATH names, first to last; an empty one is the working folder. */
export const foldersOf = (list: string, { workingFolder }: View): string[] =>
  list.split(":").map((folder) => (folder.startsWith("/") ? folder : `${workingFolder}/${folder}`));

/** The file behind every command that stands on PATH. */
export function commandsOf(view: View, variables: EnvironmentVariables): ResolvedNames {
  const commands = new Map<string, ResolvedName>();
  for (const folder of foldersOf(variables.get("PATH") ?? "", view))
    for (const name of view.list(folder).keys()) {
      if (commands.has(name)) continue;
      const path = `${folder.replace(/\/+$/, "")}/${name}`;
      const entry = view.program(path);
      if (entry) commands.set(name, { path, real: entry.path });
    }
  return commands;
}

/** A command as the shell finds it: by its path, or on PATH. */
export function commandAt(word: string, view: View, variables: EnvironmentVariables): ResolvedName | undefined {
  const paths = word.includes("/")
    ? [word.startsWith("/") ? word : `${view.workingFolder}/${word}`]
    : foldersOf(variables.get("PATH") ?? "", view).map((folder) => `${folder}/${word}`);
  const path = paths.find((each) => view.program(each));
  return path === undefined ? undefined : { path, real: view.program(path)?.path ?? "" };
}
