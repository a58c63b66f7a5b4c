import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { BuildResult, RunEvents } from "../engines/run-model.ts";
import type { Plan } from "../plan/model.ts";
import type { PublishedBuild } from "../publish/publish-stable.ts";
import type { Planned, PlanRequest } from "./plan.ts";

/** What a person may ask of a build; absent keys mean what the command line means without the option. */
export interface BuildRequest extends PlanRequest {
  /** What `plan` made in the same session; planned now when undefined. */
  readonly planned?: Planned;
  /** Publishes what was built; without it nothing leaves this machine. */
  readonly push?: boolean;
  /** `oci:DIR`: an OCI image layout in place of a registry. */
  readonly output?: string | undefined;
  readonly keepGoing?: boolean;
  readonly noCache?: boolean;
  readonly allowOrphans?: boolean;
  /** Image-versions as `nist-basic:1.0` whose stable tags may go back to an older build, or to one that nobody can tell the age of. */
  readonly allowOlder?: readonly string[];
  /** `git`: publishes under a lock in the clone's remote, which all clones of it see. */
  readonly lock?: "git" | undefined;
  /** Attaches no verdict to what is published. */
  readonly noVerdict?: boolean;
  /** PEM file of the key that signs the verdicts of published images. */
  readonly key?: string | undefined;
}

/** What a build tells on its way. */
export interface BuildWatch extends RunEvents {
  /** Before anything is built. */
  planned?(planned: Planned): void;
  /** As soon as there are logs, and before anything is built. */
  began?(run: Pick<Outcome, "run" | "logs">): void;
  /** As they are found. */
  warned?(warnings: readonly Diagnostic[]): void;
}

export { imageIn } from "../engines/run-model.ts";

export interface Outcome {
  readonly plan: Plan;
  /** In the plan's order. */
  readonly results: readonly BuildResult[];
  /** In the plan's order; empty when nothing was to be published. */
  readonly published: readonly PublishedBuild[];
  /** Name of the run, which `rollback` takes where something was published. */
  readonly run: string;
  /** Folder of the logs. */
  readonly logs: string;
}

/** Whether images get their tags somewhere: in a registry, or in a layout. */
export const publishes = ({ push, output }: Pick<BuildRequest, "push" | "output">): boolean =>
  push === true || output !== undefined;
