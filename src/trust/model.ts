import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import type { Digest } from "../oci/digest.ts";
import type { FreezeVerdict } from "../resolve/model.ts";

/** What `verify` finds out about one image. Survives JSON. */
export interface ImageVerdict {
  /** The image in full, as it was asked for. */
  readonly reference: string;
  /** Of what the reference names; undefined when it could not be read. */
  readonly digest?: Digest;
  /** Whether the science part is what the labels say. Neither of the other two answers has a part in it. */
  readonly verdict: ScienceVerdict;
  /** Of a stable tag alone: a name of one build has nothing to be the newest of. */
  readonly newest?: NewestAnswer;
  readonly signed: SignatureAnswer;
  /** What users of the science image find there, as a statement about the image says; `not examined` where none does. */
  readonly resolves: ResolvesAnswer;
  /** The science image that the labels name, once it was found. */
  readonly science?: ScienceImage;
  /** Layers on top of those of science. */
  readonly compatLayers?: number;
  /** What the interface made of the science image's configuration. No problem by itself: that is what it is for. */
  readonly drift: readonly Drift[];
  /** Statements that are attached to the image. */
  readonly statements: readonly CheckedStatement[];
  /** Errors say why the verdict is not `untouched`; warnings are worth knowing. */
  readonly problems: readonly Diagnostic[];
  /** The same for `newest` and `signed`. */
  readonly doubts: readonly Diagnostic[];
}

/**
 * `rolled-back`: there is a newer build, and a rollback holds the tag where it is. `behind`: there is one, and nobody has withdrawn it
 * or rolled it back. `unknown`: the list of tags could not be read.
 */
type NewestAnswer = "newest" | "rolled-back" | "behind" | "unknown";

/**
 * `unsigned`: no statement about the image has a signature, as when it was published before there was a key. `unchecked`: one has,
 * and no key was given to check it with. `other-key`: none is of the key given. `unknown`: what is attached could not be read.
 */
export type SignatureAnswer = "signed" | "unsigned" | "other-key" | "unchecked" | "unknown";

/** `changed`: something contradicts the labels. `unknown`: something could not be read, and nothing contradicts. */
export type ScienceVerdict = "untouched" | "changed" | "unknown";

/** The answer that was worked out before the image was published (B42). */
export interface ResolvesAnswer {
  readonly verdict: FreezeVerdict;
  /** Sentences, those that nobody gave a reason for first. */
  readonly differences: readonly string[];
  /** Whether there is a reason for everything that users meet otherwise. */
  readonly accepted: boolean;
  /** What became of the tests of the science image in this one. */
  readonly tests?: string;
}

interface ScienceImage {
  /** By digest. */
  readonly reference: string;
  readonly digest: Digest;
  readonly layers: number;
}

/** One setting of the configuration that differs from the science image's. */
export interface Drift {
  /** `PATH`, `USER`, `ENV LANG`, `ENTRYPOINT`. */
  readonly what: string;
  /** As text; undefined where it is not set. */
  readonly science?: string;
  readonly image?: string;
}

export interface CheckedStatement {
  readonly predicateType: string;
  /** `unchecked`: it has signatures and no key was given. */
  readonly signature: "none" | "valid" | "other-key" | "unchecked";
  /** Whether it speaks of this very image. */
  readonly subject: "this-image" | "another-image";
}

/** A step's result: problems, of which errors are `changed` unless their code is one of what could not be found out. */
export type TrustFindings = readonly Diagnostic[];
