import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { createLogs } from "../engines/logs.ts";
import type { Environment } from "../engines/processes.ts";
import type { BuildResult, RunEvents } from "../engines/run-builds.ts";
import type { Plan } from "../plan/model.ts";
import type { PublishedImage } from "../publish/publish-stable.ts";
import type { Registries } from "../registry/model.ts";
import type { Engines } from "./engines.ts";
import type { Prepared } from "./prepare.ts";

/** What a person may ask of a run; absent keys mean what the command line means without the option. */
export interface ExecuteOptions {
  readonly push?: boolean;
  readonly keepGoing?: boolean;
  readonly noCache?: boolean;
  readonly allowOrphans?: boolean;
  /** `oci:DIR`. */
  readonly output?: string;
  /** Attaches no verdict to what is published. */
  readonly noVerdict?: boolean;
  /** PEM file of the key that signs the verdicts of published images. */
  readonly key?: string;
  /** A plan that was saved earlier, in place of the one just made. */
  readonly plan?: Plan;
}

export interface ExecuteIo {
  readonly events: RunEvents;
  readonly signal: AbortSignal;
  readonly environment: Environment;
  /** Told as they are found, before anything is built. */
  warn(warnings: readonly Diagnostic[]): void;
}

export interface Outcome {
  readonly plan: Plan;
  /** In the plan's order. */
  readonly results: readonly BuildResult[];
  /** In the plan's order; empty when nothing was to be published. */
  readonly published: readonly PublishedImage[];
  /** Folder of the logs. */
  readonly logs: string;
}

/** What the steps of one execution share. */
export interface Run {
  readonly plan: Plan;
  readonly prepared: Prepared;
  readonly options: ExecuteOptions;
  readonly io: ExecuteIo;
  /** Where bases are looked for. */
  readonly registries: Registries;
  /** Where images are published: the same, or an OCI layout in their place. */
  readonly target: Registries;
  readonly engines: Engines;
  readonly logs: ReturnType<typeof createLogs>;
  /** Where journals are kept; those of a layout go with the run, since they name what no registry has. */
  readonly journals: string;
  readonly name: string;
  readonly started: Date;
}
