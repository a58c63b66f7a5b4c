import type { ScienceTestMode } from "../catalogue/freeze.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** The plan document (`commands.md`): what is to be built, why, and in an executable order. Survives JSON. */
export interface Plan {
  readonly formatVersion: 1;
  readonly repo: string;
  /** Full hash of HEAD. */
  readonly commit: string;
  /** `42-f90dbd6`, with `-dirty` behind it for uncommitted content. */
  readonly stamp: string;
  readonly dirty: boolean;
  readonly since: { readonly kind: string; readonly range?: string; readonly base?: string };
  /** Directories that were left out by name (B16), sorted; left out itself where there are none. */
  readonly ignored?: readonly string[];
  /** Ids of builds that were left out because of what the registry says of their images (B36, B37), sorted; absent where there are none. */
  readonly held?: readonly string[];
  /** What images that are not built here were when the plan was pinned (B45), by reference; absent in a plan that was not. */
  readonly bases?: readonly PinnedBase[];
  /** Parents first; depends on names alone. */
  readonly builds: readonly PlannedBuild[];
  readonly warnings: readonly Diagnostic[];
  readonly summary: { readonly science: number; readonly compat: number };
}

export type PlannedBuild = ScienceBuild | CompatBuild;

interface Build {
  readonly id: string;
  readonly image: string;
  readonly version: string;
  /** The unique tag, the stable tag, and the further ones that move with that (B50), each a whole reference. */
  readonly tags: readonly [unique: string, stable: string, ...further: string[]];
  /** Ids of builds of this plan. */
  readonly dependsOn: readonly string[];
  readonly reasons: readonly Reason[];
  /** Which engine builds it and why, once that is known. */
  readonly engine?: { readonly name: string; readonly why: string };
  /** How long it took when it was last built, where that is remembered; only in a pinned plan. */
  readonly seconds?: number;
}

/** An image that builds of the plan start from or copy from, and that the plan does not build. */
export interface PinnedBase {
  /** As the catalogue names it: `debian:bookworm-slim`, `sci/nist-basic:1.0`. */
  readonly name: string;
  /** Where it was found, in full and without digest. */
  readonly reference: string;
  readonly digest: string;
}

export interface ScienceBuild extends Build {
  readonly kind: "science";
  readonly directory: string;
  readonly target: string;
}

export interface CompatBuild extends Build {
  readonly kind: "compat";
  /** Key of the final science layer (`layerKey`): the target, for a variant `{target}:{version}`; of an adopted image-version the target. */
  readonly science: string;
  /** The science image of an adopted image-version: it has no definition any more, so that it never changes. */
  readonly fixed?: { readonly target: string; readonly digest: string };
  /** The compat stack, lowest first. */
  readonly layers: readonly string[];
  /** Files of a lower compat layer that a higher one replaced. */
  readonly replaced: readonly ReplacedFile[];
  /** Where the tests of its science definition run, once the engine is known; absent where there are none (B43). */
  readonly scienceTests?: PlannedTests;
}

interface PlannedTests {
  readonly count: number;
  readonly when: ScienceTestMode;
  /** False where the engine runs no containers, so that they are not tested wherever it would be. */
  readonly runs: boolean;
}

export interface ReplacedFile {
  readonly file: string;
  /** The layer whose file is used. */
  readonly by: string;
  /** The layer whose file is not. */
  readonly of: string;
}

export type Reason =
  | { readonly kind: "files-changed"; readonly files: readonly string[] }
  | { readonly kind: "parent-rebuilt"; readonly parent: string }
  | { readonly kind: "science-rebuilt"; readonly science: string }
  | { readonly kind: "compat-changed"; readonly layer: string; readonly files: readonly string[] }
  | { readonly kind: "included" }
  /** `asked`: what `--refresh` named. */
  | { readonly kind: "refreshed"; readonly asked: string }
  | NotPublished
  | { readonly kind: "withdrawn"; readonly tag: string; readonly why: string }
  | { readonly kind: "nothing-to-compare" }
  | { readonly kind: "all" };

/** The registry lacks the image, or holds one that is not of today's definition (B31). */
export interface NotPublished {
  readonly kind: "not-published";
  /** `moved`: it is of today's definition, but built on a parent that has moved since. */
  readonly state?: "absent" | "different" | "unproven" | "moved";
  /** A sentence part: what is wrong with what the registry holds. */
  readonly says?: string;
}
