import { resolve } from "node:path";
import { names } from "../../run/names.ts";
import { openSession } from "../../run/session.ts";
import type { Command } from "../command.ts";
import { lastSaid, readLine } from "../line.ts";
import type { World } from "../world.ts";
import { candidates } from "./candidates.ts";

/** Answers a shell, one candidate a line. Returns the exit code, which tells the shell where to complete paths by itself. */
export async function complete(
  words: readonly string[],
  commands: readonly Command[],
  { directory, stdout }: World,
): Promise<number> {
  const said = lastSaid(readLine(words.slice(0, -1), commands), "root");
  const session = openSession({ directory, root: said === undefined ? undefined : resolve(directory, said) });
  const found = await candidates(words, commands, (kind) => names(session, kind));
  if (typeof found === "string") return pathCodes[found];
  stdout.write(found.map((each) => `${each}\n`).join(""));
  return 0;
}

/** As the scripts for the shells know them. */
const pathCodes = { files: 3, folders: 4 } as const;
