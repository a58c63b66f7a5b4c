import type { UniqueTag } from "../catalogue/tags.ts";
import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Digest } from "../oci/digest.ts";

/** What the labels of one layer say of it (B27). Absent keys are labels that the image does not carry. */
export interface Crumb {
  readonly kind: "science" | "compat";
  /** Target of a science layer, image of a compat build. */
  readonly name: string;
  /** The unique tag it was built as. */
  readonly tag: string;
  readonly stamp: UniqueTag;
  /** Seconds since the epoch. */
  readonly built?: number;
  /** Digest of the definition it was built from; images of the original tool have none. */
  readonly inputs?: Digest;
  /** The base as it stood in the Dockerfile. */
  readonly base?: string;
  /** Names of the compat stack, lowest first. */
  readonly layers?: readonly string[];
}

/** The trail that an image carries. */
export interface Breadcrumbs {
  /** From the lowest to the highest. */
  readonly science: readonly Crumb[];
  readonly compat?: Crumb;
  /** Sentences about labels that cannot be read. */
  readonly broken: readonly string[];
}

/** An image behind a tag, without its layers. */
export interface PublishedImage {
  /** The tag it was asked by, as a whole reference. */
  readonly reference: string;
  /** Of what the tag names: manifest or index. */
  readonly digest: Digest;
  readonly crumbs: Breadcrumbs;
  readonly labels: Readonly<Record<string, string>>;
  /** RFC 3339, as the config says. */
  readonly created?: string;
  /** Bytes of all layers as they are transferred. */
  readonly size: number;
}

/** Where the unique tag of the image's own label points; no digest when it is not there. Not asked when undefined. */
export interface UniqueTagState {
  readonly tag: string;
  readonly digest?: Digest;
}

/** What a stable tag turned out to be. */
export type Reading =
  | { readonly kind: "absent"; readonly reference: string }
  | { readonly kind: "unreadable"; readonly reference: string; readonly problem: Diagnostic }
  | ImageReading;

export interface ImageReading {
  readonly kind: "image";
  readonly image: PublishedImage;
  readonly unique?: UniqueTagState;
}

/** What the registry holds of a catalogue. */
export interface Published {
  /** Behind `rel/{image}:{version}`, by image-version. */
  readonly rel: ReadonlyMap<string, Reading>;
  /** Behind `sci/{target}:{version}`, by target; empty where nobody asked. */
  readonly sci: ReadonlyMap<string, Reading>;
  /** Tags of `rel/{image}`, by image; empty where nobody asked. */
  readonly tags: ReadonlyMap<string, readonly string[]>;
  readonly problems: readonly Diagnostic[];
}

/** Digests of today's definitions, to hold against the labels. */
export interface TodaysInputs {
  /** By target. */
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
  /** Keys as of `objects`: directories whose changes since that commit cannot reach an image. */
  readonly unreached?: ReadonlySet<string>;
}

/** `unproven`: neither labels nor git can tell. */
export type Verdict = "current" | "different" | "unproven";

export interface Judgement {
  readonly verdict: Verdict;
  /** A sentence part: what differs, or what cannot be proven. Empty when it is current. */
  readonly why: string;
}
