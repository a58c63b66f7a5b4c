import type { WithdrawnImage } from "../catalogue/model.ts";
import type { FreezeVerdict } from "../resolve/model.ts";

/** `unknown`: the registry did not say, or the image carries no labels that could be read. */
export type ImageState =
  | "withdrawn"
  | "rolled-back"
  | "science-out-of-date"
  | "compat-out-of-date"
  | "current"
  | "not-published"
  | "adopted"
  | "orphaned"
  | "retired"
  | "unknown";

/** One image-version: what its stable tag holds, against its definition today. Survives JSON. */
export interface ImageStatus {
  readonly image: string;
  readonly version: string;
  /** All that apply, what matters most first; at least one. */
  readonly states: readonly ImageState[];
  /** The stable tag. */
  readonly reference: string;
  readonly digest?: string;
  /** The unique tag that the image says it was built as. */
  readonly uniqueTag?: string;
  /** References of further tags that hold it, where somebody asked; absent where there are none. */
  readonly further?: readonly string[];
  /** Interface it has: the highest compat layer of its stack, by its labels; those of the original tool do not tell. */
  readonly compat?: string;
  /** As on the label, abbreviated. */
  readonly commit?: string;
  /** RFC 3339. */
  readonly built?: string;
  /** Bytes, as transferred. */
  readonly size?: number;
  readonly description?: string;
  /** What users of its science image find in it, where somebody asked. */
  readonly resolves?: FreezeVerdict;
  /** Why it is out of date or unknown, each a sentence part. */
  readonly why: readonly string[];
  /** Where it was rolled back to and stays: a unique tag, or a digest where the build says none; `since` is RFC 3339. */
  readonly rolledBack?: { readonly to: string; readonly since: string };
  readonly withdrawn?: Pick<WithdrawnImage, "reason" | "replacement" | "since">;
  /** In the order of the settings; absent where there are no copies, and for what is not published. */
  readonly copies?: readonly CopyStatus[];
}

/** What a copy of the home repository has under a stable tag. */
export interface CopyStatus {
  readonly reference: string;
  readonly digest?: string;
  /** `behind`: something else than home. `unknown`: it did not say. */
  readonly state: "current" | "behind" | "absent" | "unknown";
}

/** True when a build is missing: users get something else than what is defined, or nothing. */
export const isOutOfDate = ({ states, copies = [] }: ImageStatus): boolean =>
  states.some((each) => lateStates.has(each)) || copies.some(({ state }) => state === "behind" || state === "absent");

const lateStates: ReadonlySet<ImageState> = new Set([
  "withdrawn",
  "science-out-of-date",
  "compat-out-of-date",
  "not-published",
]);
