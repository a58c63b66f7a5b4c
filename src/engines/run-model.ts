import type { ImageBuild } from "../compose/model.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Examined } from "../freeze/model.ts";
import type { Digest } from "../oci/digest.ts";
import type { ResolvedBases } from "./bases.ts";
import type { Logs } from "./logs.ts";
import type { BuiltImage, Engine, ReadyBuild, SecretSource, Task } from "./model.ts";
import type { EndedTest } from "./tests/run-tests.ts";

export interface RunOptions {
  readonly root: string;
  readonly bases: Pick<ResolvedBases, "pinOf">;
  readonly engineFor: (build: ImageBuild) => Engine;
  /** Builds at a time, of engines that do not say how many they take. */
  readonly jobs: number;
  /** How long a build took when it was made before; undefined where nobody remembers. */
  readonly seconds?: (build: Pick<ImageBuild, "id">) => number | undefined;
  /** Seconds since the epoch: the time of the images of the run. */
  readonly created: number;
  /** The time of images that come out the same whenever they are made; `created` when undefined. */
  readonly committed?: number;
  readonly noCache: boolean;
  readonly network?: string;
  /** By the name that definitions declare; those of every build that is run are among them. */
  readonly secrets?: ReadonlyMap<string, SecretSource>;
  readonly logs: Logs;
  readonly signal: AbortSignal;
  /** True where images go to a layout, which no engine pulls from: a parent just built is then used from the engine's store. */
  readonly parentsAreLocal?: boolean;
  readonly events?: RunEvents;
  /** Images that are there already, by build id: such a build is not run, and what depends on it gets this. */
  readonly present?: ReadonlyMap<string, BuiltImage>;
  /** Builds that must not be run, with the reasons: they count as failed. */
  readonly refused?: ReadonlyMap<string, readonly Diagnostic[]>;
  /** Looks into each image when it is built and has passed its own tests. Throws `FailedError` for one that is to get no tag. */
  readonly examine?: (made: MadeBuild) => Promise<(Examined & { readonly run: ImageBuild["test"] }) | undefined>;
  /** Takes each image when it is built and tested, before what depends on it begins; returns what it knows more. */
  readonly publish?: (image: BuiltImage, build: ImageBuild, engine: Engine, task: Task) => Promise<BuiltImage>;
}

/** An image that was built a moment ago. */
export interface MadeBuild {
  readonly image: BuiltImage;
  readonly ready: ReadyBuild;
  readonly engine: Engine;
  /** What the run has made before, by id. */
  readonly built: ReadonlyMap<string, BuiltImage>;
  readonly task: Task;
}

/** What happens while builds run. */
export interface RunEvents {
  started?(id: string): void;
  /** A line that the engine said. */
  said?(id: string, line: string): void;
  /** A test that has ended, also one that failed. */
  tested?(id: string, test: EndedTest): void;
  /** An image that is in a registry or layout under its unique tag now. */
  pushed?(id: string, reference: string, digest: Digest): void;
  finished?(result: BuildResult): void;
}

/** `present`: it was there already. `skipped`: a build it depends on failed. `stopped`: the run was interrupted. */
export type BuildResult = { readonly id: string } & (
  | {
      readonly outcome: "done";
      readonly image: BuiltImage;
      /** Of an image with an interface. */
      readonly examined?: Examined;
      readonly seconds: number;
      readonly log: string;
    }
  | { readonly outcome: "present"; readonly image: BuiltImage }
  | {
      readonly outcome: "failed";
      readonly problems: readonly Diagnostic[];
      readonly seconds: number;
      readonly log: string;
    }
  | { readonly outcome: "skipped"; readonly because: string }
  | { readonly outcome: "stopped" }
);

export const imageIn = (result: BuildResult | undefined): BuiltImage | undefined =>
  result && "image" in result ? result.image : undefined;
