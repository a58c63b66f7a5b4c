import type { Fact } from "./model.ts";
import { readRpmDatabase } from "./rpm.ts";
import { isLanguageRecord, type Wanted } from "./wanted.ts";

interface RpmPart extends Wanted {
  readonly folder: string;
  readonly log: boolean;
}

interface RpmDatabase {
  file?: { readonly bytes: Buffer; readonly at: number };
  log?: { readonly bytes: Buffer; readonly at: number };
}

/** RPM's SQLite database is two files, the database and its write-ahead log, and only together they say what is installed. */
export class RpmFiles {
  readonly #databases = new Map<string, RpmDatabase>();

  /** Undefined for a path of another file. */
  partAt(path: string): RpmPart | undefined {
    const found = place.exec(path);
    if (!found) return undefined;
    const log = found[2] !== undefined;
    return {
      folder: found[1] ?? "",
      log,
      limit: 96 * 1024 * 1024,
      ecosystem: "rpm",
      // What it says is known when both have been seen.
      read: () => ({ kind: "owns", paths: [] }),
    };
  }

  /** `at`: the number of the fact that stands for this file until the end. */
  keep({ folder, log }: RpmPart, bytes: Buffer, at: number | undefined): void {
    if (at === undefined) return;
    const database = this.#databases.get(folder) ?? {};
    this.#databases.set(folder, { ...database, [log ? "log" : "file"]: { bytes, at } });
  }

  *read(): Generator<{ readonly at: number; readonly fact: Fact }> {
    for (const { file, log } of this.#databases.values()) {
      if (file) yield { at: file.at, fact: factOf(file.bytes, log?.bytes) };
      else if (log && log.bytes.length > 0)
        yield { at: log.at, fact: { kind: "unreadable", ecosystem: "rpm", why: alone } };
    }
  }
}

const place = /^(var\/lib\/rpm|usr\/lib\/sysimage\/rpm|usr\/share\/rpm)\/rpmdb\.sqlite(-wal)?$/;

const alone = "a write-ahead log that is not empty stands in another layer than its database";

function factOf(file: Buffer, log: Buffer | undefined): Fact {
  try {
    return { kind: "packages", ecosystem: "rpm", ...readRpmDatabase(file, log, isLanguageRecord) };
  } catch (cause) {
    return { kind: "unreadable", ecosystem: "rpm", why: cause instanceof Error ? cause.message : String(cause) };
  }
}
