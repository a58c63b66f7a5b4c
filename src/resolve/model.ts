import type { ImageFacts } from "../contents/model.ts";
import type { ImageConfig } from "../oci/config.ts";

/** One side of a comparison: what the layers of an image hold, and how it is started. */
export interface ResolvableImage {
  readonly facts: ImageFacts;
  readonly config: ImageConfig;
}

/**
 * What became of something, from the best to the worst. `moved`: another place, the same bytes. `undecided`: code runs at start, and
 * only a run would tell. `not examined`: a layer is not known.
 */
export const outcomes = ["same", "added", "moved", "undecided", "changed", "removed", "not examined"] as const;

export type FreezeVerdict = (typeof outcomes)[number];

/** What of an image has become another, all of it plain JSON. */
export interface Comparison {
  /** The worst of doors, files and packages; ownership, modes and environment have no part in it. */
  readonly outcome: FreezeVerdict;
  /** In the order in which a user would think of them; those of the composed image alone are `added`. */
  readonly doors: readonly DoorVerdict[];
  /** Files of the science image that are others or gone, some together as one folder. */
  readonly files: readonly FileDifference[];
  /** Of the databases of distributions. Packages of languages are files and are met at doors. */
  readonly packages: readonly NameDifference[];
  /** One for each kind. */
  readonly attributes: readonly AttributeDifference[];
  /** By name. */
  readonly environment: readonly VariableDifference[];
  /** Why nothing could be said, where the outcome is `not examined`. */
  readonly problems: readonly string[];
}

/** A way into an image, and what the science image's users find there. */
export interface DoorVerdict {
  /** The words for it: `sh -c`, `a login shell`, `kernel "Python 3"`, `/opt/sci/bin/python3`, `R`. */
  readonly door: string;
  readonly outcome: FreezeVerdict;
  /** By kind and name; nothing that is the same. */
  readonly differences: readonly NameDifference[];
}

/** `interpreter`: what the first line of commands names. `code`: a file that runs when a program starts. */
export type DifferenceKind =
  | "door"
  | "command"
  | "interpreter"
  | "module"
  | "r package"
  | "library"
  | "preload"
  | "code"
  | "deb"
  | "rpm"
  | "apk";

export interface NameDifference {
  readonly kind: DifferenceKind;
  readonly name: string;
  readonly outcome: FreezeVerdict;
  readonly before?: FoundPlace;
  readonly after?: FoundPlace;
  /** What else a person should know. */
  readonly note?: string;
}

/** What a name leads to. */
export interface FoundPlace {
  /** From the root of the image, with a slash. */
  readonly path: string;
  readonly version?: string;
  /** Number of the layer that it is from; the lowest is 0. */
  readonly layer: number;
}

export interface FileDifference {
  readonly outcome: "changed" | "removed";
  /** The file, or the folder that all of them are in, with a slash at the start. */
  readonly path: string;
  /** How many files. */
  readonly count: number;
  /** Of the highest layer that did it; undefined where files are gone. */
  readonly layer?: number;
}

export interface AttributeDifference {
  /** `setuid`, `setgid` and `capabilities` only where a file has them that had not, or that was not there. */
  readonly kind: "ownership" | "mode" | "setuid" | "setgid" | "capabilities";
  readonly count: number;
  /** The file or link, or the folder that all of them are in, with a slash at the start. */
  readonly path: string;
  /** Of the first of them. */
  readonly layer: number;
}

/** Undefined where it is not set. */
export interface VariableDifference {
  readonly name: string;
  /** Whether all that it does is lead programs to other files, which the doors tell. */
  readonly resolved: boolean;
  readonly before?: string;
  readonly after?: string;
}
