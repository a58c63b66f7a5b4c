import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Digest } from "../oci/digest.ts";
import type { PublishedImage } from "../published/image.ts";
import type { TagReading } from "../published/reader.ts";

/** What the registry holds of a catalogue. */
export interface Published {
  /** Behind `rel/{image}:{version}`, by image-version. */
  readonly rel: ReadonlyMap<string, TagReading<PublishedImage>>;
  /** Behind `sci/{target}:{version}`, by key of the layer (`layerKey`); empty where nobody asked, digests alone where nobody read them. */
  readonly sci: ReadonlyMap<string, TagReading>;
  /** Tags of `rel/{image}`, by image; empty where nobody asked. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Diagnostic[];
}

/** Digests of today's definitions, to hold against the labels. */
export interface TodaysInputs {
  /** By key of the layer (`layerKey`). */
  readonly science: ReadonlyMap<string, Digest>;
  /** Of the whole stack, by name of the topmost compat layer. */
  readonly compat: ReadonlyMap<string, Digest>;
}

/** What git knows of the commits on the labels. */
export interface GitFacts {
  /** Full hash by abbreviated hash; undefined when this clone does not have the commit. */
  readonly commits: ReadonlyMap<string, string | undefined>;
  /** Object of a directory in a commit, by `{commit}:{directory}`, the commit spelled as on the label or `HEAD`. */
  readonly objects: ReadonlyMap<string, string | undefined>;
  /** Directories that differ from HEAD in the working tree. */
  readonly dirty: ReadonlySet<string>;
  /** `{commit}:{name}` of definitions (`Definition.name`) of which no change since that commit can reach an image. */
  readonly unreached?: ReadonlySet<string>;
}

/** What is to be asked of git: commits by their abbreviated hash, and directories in commits. */
export interface GitQuestions {
  readonly commits: Iterable<string>;
  /** The commit is an abbreviated hash or `HEAD`, `HEAD^`. */
  readonly directories: Iterable<{ readonly commit: string; readonly directory: string }>;
}

/** How `GitFacts` names a directory in a commit. */
export const objectKey = (commit: string, directory: string): string => `${commit}:${directory}`;

/** `unproven`: neither labels nor git can tell. */
export type DefinitionVerdict = "current" | "different" | "unproven";

export interface Judgement {
  readonly verdict: DefinitionVerdict;
  /** A sentence part: what differs, or what cannot be proven. Empty when it is current. */
  readonly why: string;
}
