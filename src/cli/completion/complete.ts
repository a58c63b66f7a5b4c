import { resolve } from "node:path";
import { loadCatalogue } from "../../catalogue/load.ts";
import { findRoot } from "../../run/prepare.ts";
import type { Command } from "../command.ts";
import type { World } from "../world.ts";
import { candidates, type Names } from "./candidates.ts";

/** Answers a shell, one candidate a line. */
export function complete(words: readonly string[], commands: readonly Command[], world: World): void {
  const found = candidates(words, commands, () => namesOf(words, world));
  world.stdout.write(found.map((each) => `${each}\n`).join(""));
}

/** A catalogue that cannot be read has no names: nobody wants an error for a key press. */
function namesOf(words: readonly string[], { directory }: World): Names {
  try {
    const at = words.indexOf("--root");
    const root = at === -1 ? findRoot(directory) : resolve(directory, words[at + 1] ?? ".");
    const { science, compat } = loadCatalogue(root);
    const images = science.flatMap((each) => [each.image, `${each.image}:${each.version}`, each.target]);
    return {
      directories: [...science, ...compat].map((each) => each.directory),
      images: [...new Set(images)].sort(),
      targets: science.map((each) => each.target),
      compat: compat.map((each) => each.name),
    };
  } catch {
    return { directories: [], images: [], targets: [], compat: [] };
  }
}
