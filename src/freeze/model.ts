import type { FreezeVerdict } from "../resolve/model.ts";

/** What an image makes of its science image, and where that was tried (B42, B43). Survives JSON. */
export interface Examination {
  readonly resolves: FreezeVerdict;
  /** Those that are not `same`. */
  readonly doors: readonly { readonly door: string; readonly outcome: FreezeVerdict }[];
  /** Worst first. */
  readonly findings: readonly FreezeFinding[];
  /** Why nothing could be said, where the verdict is `not examined`. */
  readonly problems: readonly string[];
}

/** One thing that users of the science image meet otherwise. */
export interface FreezeFinding {
  /** What `mayChange` calls it: `python:numpy`. Absent for what stops nothing. */
  readonly key?: string;
  /** A sentence that a person understands. */
  readonly says: string;
  /** Whether `enforce` stops for it. */
  readonly stops: boolean;
  /** The reason why it may be so. */
  readonly excepted?: string;
}

/** What became of the tests of the science definition in an image composed on it. `not needed`: users get what they were made for. */
export interface ScienceTests {
  readonly state: "passed" | "not tested" | "not needed" | "off" | "none";
  /** Of `not tested`. */
  readonly why?: string;
}

/** What a build found out about its image before it got a tag. */
export interface Examined {
  /** Absent where `freeze` is off. */
  readonly examination?: Examination;
  readonly tests: ScienceTests;
}
