import type { Item } from "../../../files/support.ts";

/** A Dockerfile that the embedded engine and BuildKit must make the same image of, or both refuse. */
export interface Case {
  /** A sentence in the present tense. */
  readonly title: string;
  /** Names in capitals such as `BASE` stand for the images of `images.ts`. */
  readonly dockerfile: string;
  readonly files?: Readonly<Record<string, CaseFile>>;
  readonly args?: Readonly<Record<string, string>>;
  /** What the ignore file beside the Dockerfile says. */
  readonly ignore?: string;
  /** The history has other texts: `docs/decisions/0072`. */
  readonly ownHistory?: true;
  /** Why the two make something else of it; `docs/decisions/0072` has the reason too. */
  readonly differs?: string;
}

export type CaseFile =
  | string
  | { readonly text: string; readonly mode: 0o755 }
  | { readonly link: string }
  | { readonly bytes: Buffer }
  | CaseArchive;

export interface CaseArchive {
  readonly tar: readonly Item[];
  readonly gzip?: true;
}
