import { resolve } from "node:path";
import { names } from "../../run/names.ts";
import { openSession } from "../../run/session.ts";
import type { Command } from "../command.ts";
import { lastSaid, readLine } from "../line.ts";
import type { World } from "../world.ts";
import { candidates } from "./candidates.ts";

/** Answers a shell, one candidate a line. */
export function complete(words: readonly string[], commands: readonly Command[], { directory, stdout }: World): void {
  const said = lastSaid(readLine(words, commands), "root");
  const root = said === undefined ? undefined : resolve(directory, said);
  const found = candidates(words, commands, () => names(openSession({ directory, root })));
  stdout.write(found.map((each) => `${each}\n`).join(""));
}
