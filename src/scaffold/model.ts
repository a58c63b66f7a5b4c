import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** What a person asked for; absent keys were not said. */
export interface ScienceRequest {
  readonly name: string;
  /** Target of the layer to build on. */
  readonly from?: string | undefined;
  /** The image to start from where that is not a layer of this catalogue. */
  readonly base?: string | undefined;
  readonly image?: string | undefined;
  readonly version?: string | undefined;
  readonly compat?: string | undefined;
  readonly description?: string | undefined;
}

export interface CompatRequest {
  readonly name: string;
  /** Names of compat layers, lowest first. */
  readonly includes: readonly string[];
  readonly description?: string | undefined;
}

export interface InPlaceRequest {
  /** Target, or name of the directory. */
  readonly name: string;
  readonly version?: string | undefined;
  /** Gives up the version that was there so far. */
  readonly retire: boolean;
}

/** Files to write, and what to say of them. Nothing has been written yet. */
export interface Scaffold {
  /** `science/nist-photutils`. */
  readonly directory: string;
  /** `created` ones must not be there. */
  readonly files: readonly { readonly path: string; readonly text: string; readonly is: "created" | "edited" }[];
  /** Files and links of another folder that go along; `from` is absolute, and a link is made as it is. */
  readonly copies?: readonly { readonly path: string; readonly from: string; readonly link?: string }[];
  /** What it means for users, in sentences. */
  readonly says: readonly string[];
  readonly warnings: readonly Diagnostic[];
}
