import type { Writable } from "node:stream";
import type { ContextFile, DeclaredSection, ImageBuild, Origin, Pin } from "../compose/model.ts";
import type { FactsCache } from "../contents/cache.ts";
import type { ReadLayer } from "../contents/model.ts";
import type { ImageConfig } from "../oci/config.ts";
import type { Digest } from "../oci/digest.ts";
import type { Need } from "./choice/needs.ts";

/** Turns a build context into an image. Two implementations never need to be told apart by name: ask what it `takes`. */
export interface Engine {
  readonly name: string;
  /** As it is declared in `choice/table.ts`. */
  readonly takes: ReadonlySet<Need>;
  /** Whether the same build becomes the same bytes, whenever and wherever it is made: its time is then the commit's (B54). */
  readonly repeats?: boolean;
  /** Finds out what is there. Throws `FailedError` when the engine cannot be used, naming what would do. */
  probe(): Promise<EngineFeatures>;
  /** Throws `FailedError` when the build fails. */
  build(build: ReadyBuild, task: Task): Promise<BuiltImage>;
  /** Sends a built image to the registry under one reference; returns the digest of its manifest. */
  push(image: BuiltImage, reference: string, task: Task): Promise<Digest>;
  /**
   * What is in an image that it has built, of the layers that are not `known` to who asks. Those whose facts are in the cache are not
   * read; those that it cannot read without a registry are problems. Absent where it does not know. Throws `FailedError`.
   */
  contents?(image: BuiltImage, known: ReadonlySet<Digest>, cache: FactsCache, task: Task): Promise<BuiltContents>;
  /** Builds it takes at a time, whatever `--jobs` says, because they cost next to nothing; absent: those of `--jobs`. */
  readonly parallel?: number;
  /** What the engine can say of an image it is to build on; absent where it needs none of it (it asks the registry itself). */
  readonly store?: ImageStore;
  /** Absent where it runs nothing. */
  readonly containers?: Containers;
}

/** Runs programs in containers of the images that an engine keeps on this machine. */
export interface Containers {
  /**
   * What the program ends with is the answer. Throws `FailedError` where there was no container. When the task's signal is aborted the
   * container is removed, whatever its program does about it, and the signal's reason thrown.
   */
  run(container: ContainerRun, task: Task): Promise<ContainerResult>;
}

/** A container that is made for one program and removed with it. */
export interface ContainerRun {
  readonly image: string;
  /** In place of the image's entrypoint and command. */
  readonly command: readonly [program: string, ...args: string[]];
  /** As `docker run --network` takes it: `none`, `host`. */
  readonly network: string;
  /** The image's own when undefined. */
  readonly user?: string;
  /** Path of a tar archive that is unpacked at the container's root before the program is run. */
  readonly archive?: string;
}

export interface ContainerResult {
  readonly code: number;
  /** Both outputs as they came, at most the last 64 KiB. */
  readonly output: string;
  readonly seconds: number;
}

export interface BuiltContents {
  readonly config: ImageConfig;
  /** Lowest first, without those that are known. */
  readonly layers: readonly ReadLayer[];
}

/** The images that an engine keeps on this machine. */
export interface ImageStore {
  /** Fetches an image the engine's own way, mirrors and all, and says what it got. Throws `FailedError`. */
  pull(reference: string, task: Task): Promise<StoredImage>;
  /** Undefined when the store does not have it. */
  inspect(reference: string): Promise<StoredImage | undefined>;
}

export interface StoredImage {
  /** Digest of the config. */
  readonly config: Digest;
  /** Digest of the manifest it was pulled by or pushed as, of this very repository. */
  readonly manifest?: Digest;
  /** `USER` of the config; the empty text is root. */
  readonly user: string;
}

export interface EngineFeatures {
  /** What was found, for the log: `docker 20.10.24 with BuildKit`. */
  readonly description: string;
  /** Builds that it can well have at a time, where nobody says how many; absent where it does not know. */
  readonly jobs?: number;
}

/** An `ImageBuild` with everything filled in: bases pinned, labels and times known. */
export interface ReadyBuild {
  readonly build: ImageBuild;
  /** Absolute path that `ContextFile.source` is relative to. */
  readonly root: string;
  readonly dockerfile: string;
  /** Offsets in `dockerfile`; empty for an engine that gets them as instructions. */
  readonly declared: readonly DeclaredSection[];
  /** Where `dockerfile` comes from, with offsets in it. */
  readonly origins: readonly Origin[];
  readonly context: readonly ContextFile[];
  /** All of them; `build.labels` are among these. */
  readonly labels: Readonly<Record<string, string>>;
  /** Seconds since the epoch; the image's creation time. */
  readonly created: number;
  /** What the final stage starts from; undefined for `scratch`. */
  readonly base?: Pin;
  readonly noCache: boolean;
  readonly network?: string;
  /** Of `build.secrets`; absent where there are none. */
  readonly secrets?: readonly SecretSource[];
}

/** Where the value of a build secret is when the build begins: in a file (absolute path), or in a variable of the engine's environment. */
export type SecretSource = { readonly id: string } & ({ readonly file: string } | { readonly variable: string });

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
