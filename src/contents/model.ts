import type { FileIndex } from "../files/index.ts";
import type { Digest } from "../oci/digest.ts";

/** Kinds of packages, in the order in which they are listed. */
export const ecosystems = ["deb", "rpm", "apk", "conda", "python", "r", "npm", "julia"] as const;

export type Ecosystem = (typeof ecosystems)[number];

/** A package as its own record in a layer says; absent is what that record does not say. */
export interface PackageRecord {
  readonly name: string;
  readonly version: string;
  readonly architecture?: string;
  /** Who made or delivered it: a vendor, a channel, a repository, an installer. */
  readonly origin?: string;
  /** The source package that it was built from, where it has another name. */
  readonly source?: string;
  /** As the record has it, which need not be a name of SPDX. */
  readonly licence?: string;
  /** Bytes when installed. */
  readonly size?: number;
  /** Of a deb that is there and not properly installed: `half-configured`, `unpacked`… */
  readonly state?: string;
  /** Files of it that are records of packages themselves: how a deb and the Python package in it are known to be one. */
  readonly owns?: readonly string[];
}

/** What was learned of one file while its layer went by. */
export type Fact =
  /** A record of packages. `problem`: a part of it could not be read. */
  | {
      readonly kind: "packages";
      readonly ecosystem: Ecosystem;
      readonly packages: readonly PackageRecord[];
      readonly problem?: string;
    }
  /** A record of packages that nothing could be learned from. */
  | { readonly kind: "unreadable" | "unsupported"; readonly ecosystem: Ecosystem; readonly why: string }
  /** A short file that programs read when they start, bytes as in `oci/path-bytes.ts`. */
  | { readonly kind: "text"; readonly text: string }
  /** Files of the package that the record is named after, as `PackageRecord.owns`. */
  | { readonly kind: "owns"; readonly paths: readonly string[] }
  | { readonly kind: "licence"; readonly licence: string }
  | { readonly kind: "size"; readonly size: number }
  /** A shared library: `e_machine` and class of its ELF header, and DT_SONAME where it has one. */
  | { readonly kind: "library"; readonly machine: string; readonly soname?: string }
  /** What a Python package says that its version is. */
  | { readonly kind: "version"; readonly version: string }
  /** The start of a digest for each line of a list of accounts: enough to tell whether a line is still there. */
  | { readonly kind: "lines"; readonly digests: readonly string[] }
  /** The first line of an executable text, without `#!`. */
  | { readonly kind: "script"; readonly interpreter: string };

/** All that is known of a layer without having it. */
export interface LayerFacts {
  /** Digest of the uncompressed layer. */
  readonly diffId: Digest;
  /** Paths of lower layers that are gone. */
  readonly removed: readonly string[];
  /** Folders whose content in lower layers is gone. */
  readonly emptied: readonly string[];
  /** What the `fact` of entries counts. */
  readonly facts: readonly Fact[];
  /** The entries as lines of `files/record.ts` in the layer's order, each ended by a newline. */
  readonly lines: Buffer;
}

/** The facts of an image's layers, put together. */
export interface ImageFacts {
  /** With digests and numbers of facts in its entries. */
  readonly index: FileIndex;
  /** Lowest first. */
  readonly layers: readonly ReadLayer[];
  /** By path, what happened to the records of packages, from the lowest layer up. */
  readonly history: ReadonlyMap<string, readonly RecordEvent[]>;
}

export interface RecordEvent {
  readonly layer: number;
  /** What the layer has at this path; undefined where it removes it. */
  readonly fact: RecordFact | undefined;
}

export type RecordFact = Extract<Fact, { readonly ecosystem: Ecosystem }>;

export type ReadLayer = LayerFacts | UnreadLayer;

/** A layer that nothing is known of, beside the layers that could be read. */
interface UnreadLayer {
  readonly diffId: Digest;
  readonly problem: string;
}
