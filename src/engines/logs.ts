import { createWriteStream, type WriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { Environment } from "./processes.ts";

/** One log per image, in a folder of the run. */
export interface Logs {
  readonly folder: string;
  pathOf(id: string): string;
  open(id: string): Promise<WriteStream>;
}

/** Outside of the repository: `$XDG_STATE_HOME/image-builder/logs/RUN`, by default below `~/.local/state`. */
export const logFolder = (environment: Environment, run: string): string =>
  join(environment["XDG_STATE_HOME"] || join(homedir(), ".local/state"), "image-builder/logs", run);

export function createLogs(folder: string): Logs {
  const pathOf = (id: string): string => join(folder, `${id.replace(/[^\w./-]/g, "_").replaceAll("..", "_")}.log`);
  return {
    folder,
    pathOf,
    async open(id) {
      const path = pathOf(id);
      await mkdir(dirname(path), { recursive: true });
      const log = createWriteStream(path, { flags: "a" });
      // A full disk must not end a build that could go on without its log.
      log.on("error", () => undefined);
      return log;
    },
  };
}
