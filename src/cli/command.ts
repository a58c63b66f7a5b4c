import type { NameKind } from "../run/names.ts";
import type { Session } from "../run/session.ts";
import type { OptionSpec } from "./option.ts";
import type { Values } from "./values.ts";
import type { World } from "./world.ts";

/** One command as a value: what the help, the documentation and the completion say of it, and what it does. */
export interface Command {
  readonly name: string;
  /** One line for the list of commands; no full stop. */
  readonly summary: string;
  /** Further sentences for the command's own help. */
  readonly description?: string;
  readonly arguments: readonly ArgumentSpec[];
  /** Its own; the common ones come on top. */
  readonly options: readonly OptionSpec[];
  /** What `--format` takes; the first is the default. */
  readonly formats: readonly string[];
  readonly examples: readonly Example[];
  /** Returns the exit code. Loads what is heavy with `import()`, so that `--help` does not wait for it. */
  readonly run: (call: Call) => Promise<number>;
}

export interface ArgumentSpec {
  /** As in the usage line: `IMAGE`. */
  readonly name: string;
  readonly description: string;
  readonly required: boolean;
  readonly many?: boolean;
  /** The only words it takes. */
  readonly choices?: readonly string[];
  /** What a shell completes it with; nothing when neither these nor choices are there. */
  readonly values?: readonly NameKind[];
  /** What it is completed with in place of `values` where this option stands on the line. */
  readonly valuesWith?: { readonly option: string; readonly values: readonly NameKind[] };
}

interface Example {
  /** Behind `image-builder`. */
  readonly line: string;
  readonly says: string;
}

/** A command line, read and merged with the environment. */
export interface Call {
  readonly arguments: readonly string[];
  readonly values: Values;
  readonly world: World;
  /** Opened when it is first asked for, and closed behind the command. Throws where `--root` is no folder. */
  readonly session: Session;
  /** Does something when everything else was said, problems of a failed command too. */
  readonly atEnd: (action: () => void) => void;
}

/** What can be read off the line alone. */
export type ParsedCall = Omit<Call, "session" | "atEnd">;

/** `unavailable` is EX_TEMPFAIL of sysexits.h: trying again may do. */
export const exitCodes = { done: 0, failed: 1, refused: 2, bug: 70, unavailable: 75 } as const;
