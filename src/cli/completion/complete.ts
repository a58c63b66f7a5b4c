import { resolve } from "node:path";
import { type CatalogueNames, readNames } from "../../catalogue/names.ts";
import { findRoot } from "../../catalogue/root.ts";
import type { Command } from "../command.ts";
import type { World } from "../world.ts";
import { candidates } from "./candidates.ts";

/** Answers a shell, one candidate a line. */
export function complete(words: readonly string[], commands: readonly Command[], world: World): void {
  const found = candidates(words, commands, () => namesOf(words, world));
  world.stdout.write(found.map((each) => `${each}\n`).join(""));
}

/** A catalogue that cannot be read has no names: nobody wants an error for a key press. */
function namesOf(words: readonly string[], { directory }: World): CatalogueNames {
  try {
    const at = words.indexOf("--root");
    return readNames(at === -1 ? findRoot(directory) : resolve(directory, words[at + 1] ?? "."));
  } catch {
    return { directories: [], images: [], targets: [], compat: [] };
  }
}
