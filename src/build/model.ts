import type { Writable } from "node:stream";
import type { ContextFile, ImageBuild } from "../compose/model.ts";
import type { Digest } from "../oci/digest.ts";

/** Turns a build context into an image. Two implementations never need to be told apart by name: ask `features`. */
export interface Engine {
  readonly name: string;
  /** Finds out what is there. Throws `FailedError` when the engine cannot be used, naming what would do. */
  probe(): Promise<EngineFeatures>;
  /** Throws `FailedError` when the build fails. */
  build(build: ReadyBuild, task: Task): Promise<BuiltImage>;
  /** Sends a built image to the registry under one reference; returns the digest of its manifest. */
  push(image: BuiltImage, reference: string, task: Task): Promise<Digest>;
}

export interface EngineFeatures {
  /** What was found, for the log: `docker 20.10.24 with BuildKit`. */
  readonly description: string;
  /** Dockerfile features it takes, by the names of `dockerfile/`'s `requiredFeatures`. */
  readonly takes: readonly string[];
}

/** An `ImageBuild` with everything filled in: bases pinned, labels and times known. */
export interface ReadyBuild {
  readonly build: ImageBuild;
  /** Absolute path that `ContextFile.source` is relative to. */
  readonly root: string;
  readonly dockerfile: string;
  readonly context: readonly ContextFile[];
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since the epoch; the image's creation time. */
  readonly created: number;
  readonly noCache: boolean;
  readonly network?: string;
}

export interface Task {
  /** Everything the engine says, one log per image. */
  readonly log: Writable;
  readonly signal: AbortSignal;
}

export interface BuiltImage {
  readonly id: string;
  /** The unique tag. */
  readonly reference: string;
  /** Digest of the image's configuration. */
  readonly config: Digest;
  /** Digest of the manifest, once it is in a registry or a layout. */
  readonly manifest?: Digest;
}
