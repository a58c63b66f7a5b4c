import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { SharedContext } from "../../compose/model.ts";
import { digestHex, sha256Digest } from "../../oci/digest.ts";
import { writeArchive } from "../context-archive.ts";
import type { Task } from "../model.ts";
import type { Client } from "./client.ts";
import { importCommand, inspectCommand } from "./commands.ts";

/**
 * Makes sure that the engine has an image of these files, by the name that instructions have for it. Every engine copies from an image,
 * whereas named contexts need a client and a BuildKit that many machines do not have. The name is that of the files, so that an
 * image which is there is the right one, and is left there for the next run.
 */
export async function importContext(
  client: Client,
  { reference, files }: SharedContext,
  root: string,
  folder: string,
  task: Task,
): Promise<void> {
  if ((await client.ask(inspectCommand(reference), task.signal)) !== undefined) return;
  const archive = join(folder, `${digestHex(sha256Digest(reference))}.tar`);
  await writeArchive(archive, root, files, task.signal);
  await client.run(importCommand(archive, reference), task, "the engine did not take the files that layers share");
  await rm(archive);
}
