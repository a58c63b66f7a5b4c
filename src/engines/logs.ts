import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import { logRedactor, type Redact } from "../diagnostics/redact.ts";
import type { Environment } from "./processes.ts";

/** One log per image, in a folder of the run. */
export interface Logs {
  readonly folder: string;
  pathOf(id: string): string;
  /** Each line is told as it is written. The stream is closed when the file is. */
  open(id: string, said?: (line: string) => void): Promise<Writable>;
  /** What an engine says, as it may be shown: logs are written so. */
  readonly redact: Redact;
}

/** Outside of the repository: `$XDG_STATE_HOME/image-builder/logs/RUN`, by default below `~/.local/state`. */
export const logFolder = (environment: Environment, run: string): string =>
  join(environment["XDG_STATE_HOME"] || join(homedir(), ".local/state"), "image-builder/logs", run);

export function createLogs(folder: string, redact: Redact = logRedactor([])): Logs {
  const pathOf = (id: string): string => join(folder, `${id.replace(/[^\w./-]/g, "_").replaceAll("..", "_")}.log`);
  return {
    folder,
    pathOf,
    redact,
    async open(id, said) {
      const path = pathOf(id);
      await mkdir(dirname(path), { recursive: true });
      const file = createWriteStream(path, { flags: "a" });
      // A full disk must not end a build that could go on without its log.
      file.on("error", () => undefined);
      return writeLines(file, redact, said);
    },
  };
}

/** Whole lines, since what must not be shown may come in two pieces. */
function writeLines(file: Writable, redact: Redact, said?: (line: string) => void): Writable {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  const write = (text: string, done: () => void): void => {
    const shown = redact(text);
    if (said) for (const line of shown.split("\n").slice(0, -1)) said(line);
    file.write(shown, () => done());
  };
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      rest += decoder.write(chunk);
      const end = rest.length > longestLine ? rest.length : rest.lastIndexOf("\n") + 1;
      const lines = rest.slice(0, end);
      rest = rest.slice(end);
      if (lines === "") done();
      else write(lines, done);
    },
    final(done) {
      const last = rest + decoder.end();
      const close = (): void => {
        file.end();
        if (file.errored) done();
        else
          void once(file, "close").then(
            () => done(),
            () => done(),
          );
      };
      if (last === "") close();
      else write(last, close);
    },
  });
}

/** Characters after which a line is written as far as it came. */
const longestLine = 64 * 1024;
