import { resolve } from "node:path";
import { names } from "../../run/names.ts";
import { openSession } from "../../run/session.ts";
import type { Command } from "../command.ts";
import type { World } from "../world.ts";
import { candidates } from "./candidates.ts";

/** Answers a shell, one candidate a line. */
export function complete(words: readonly string[], commands: readonly Command[], { directory, stdout }: World): void {
  const at = words.indexOf("--root");
  const root = at === -1 ? undefined : resolve(directory, words[at + 1] ?? ".");
  const found = candidates(words, commands, () => names(openSession({ directory, root })));
  stdout.write(found.map((each) => `${each}\n`).join(""));
}
