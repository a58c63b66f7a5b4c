import { parentPath } from "../../files/entry.ts";
import type { View } from "../view.ts";
import { matchesPattern } from "./words.ts";

/** The paths that a pattern stands for, sorted; the pattern itself where there are none. */
export function globbed(word: string, view: View): string[] {
  if (!/[*?[]/.test(word)) return [word];
  const found = matches(word, view);
  return found.length === 0 ? [word] : found.sort();
}

function matches(pattern: string, view: View): string[] {
  const folder = parentPath(pattern);
  const folders = /[*?[]/.test(folder) ? matches(folder, view) : [folder];
  const name = pattern.slice(folder.length + 1);
  return folders.flatMap((each) =>
    [...view.list(each).keys()]
      .filter((own) => matchesPattern(name, own) && (name.startsWith(".") || !own.startsWith(".")))
      .map((own) => `${each}/${own}`),
  );
}
