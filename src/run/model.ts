import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { SecretSource } from "../engines/model.ts";
import type { BuildResult, RunEvents } from "../engines/run-model.ts";
import type { Shard } from "../plan/cut.ts";
import type { Plan } from "../plan/model.ts";
import type { CopyOutcome } from "../publish/copies.ts";
import type { PublishedBuild } from "../publish/publish-stable.ts";
import type { Planned, PlanRequest } from "./plan.ts";
import type { ResultFile } from "./result-files.ts";

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
  /** Ids of the only builds to make; no stable tag moves then, and what they stand on is taken from the registry (B44). */
  readonly only?: readonly string[];
  /** As `only`, for one of several parts that the plan falls into. */
  readonly shard?: Shard | undefined;
  /** Folder that gets a file for each build with what became of it. */
  readonly results?: string | undefined;
  /** Where the values of build secrets are; those that no definition declares are refused (B47). */
  readonly secrets?: readonly SecretSource[];
  /** File that gets a JUnit report of builds and their tests. */
  readonly junit?: string | undefined;
  /** Builds nothing: moves the stable tags to what is there of the plan. With what jobs said of builds, by id. */
  readonly foundOnly?: ReadonlyMap<string, ResultFile>;
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
  /** True where this was a part of a plan, of which no stable tag moves. */
  readonly isPart?: true;
  /** In the plan's order; empty when nothing was to be published. */
  readonly published: readonly PublishedBuild[];
  /** What became of the copies of the home repository; absent where there are none. */
  readonly copies?: readonly CopyOutcome[];
  /** Name of the run, which `rollback` takes where something was published. */
  readonly run: string;
  /** Folder of the logs. */
  readonly logs: string;
}

/** Whether images get their tags somewhere: in a registry, or in a layout. */
export const publishes = ({ push, output }: Pick<BuildRequest, "push" | "output">): boolean =>
  push === true || output !== undefined;
