import type { FormerDefinition } from "../catalogue/former.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { IndexEntry } from "../git/index-entries.ts";
import type { HeadCommit } from "../git/repository.ts";

/** What git says of the range and of the working tree. Survives JSON. */
export interface ChangeSet {
  readonly since: Since;
  readonly head: Head;
  /** Committed and uncommitted changes together, sorted by path, each path once. */
  readonly files: readonly ChangedFile[];
  /** Everything of the catalogue that is as HEAD has it, sorted by path; a submodule is one entry. */
  readonly committed: readonly IndexEntry[];
  /** Below the root, sorted: what git does not track or ignores, so that it stays out of every build. Folders end in `/`. */
  readonly untracked: readonly string[];
  /** Definitions of science layers as they stood at the start of the range, where they have since changed or gone. */
  readonly formerDefinitions: readonly FormerDefinition[];
  readonly warnings: readonly Diagnostic[];
}

export type Since =
  | { readonly kind: "git"; readonly range: string; readonly base: string }
  | { readonly kind: "nothing-to-compare"; readonly why: string }
  | { readonly kind: "all" }
  | { readonly kind: "published" };

export interface Head extends Omit<HeadCommit, "parent"> {
  /** Something below `science/`, `compat/`, in a folder that layers share or in `image-builder.json` differs from HEAD. */
  readonly dirty: boolean;
}

export interface ChangedFile {
  /** Relative to the catalogue's root; bytes that are not UTF-8 as in `oci/path-bytes.ts`. */
  readonly path: string;
  readonly status: "added" | "modified" | "deleted";
  /** Differs between HEAD and the working tree. */
  readonly uncommitted: boolean;
  /** It is or was a submodule, of whose files nothing is told. */
  readonly submodule?: true;
  /** Text at the start of the range, only of Dockerfiles, definitions and ignore files (B13). */
  readonly before?: string;
}
