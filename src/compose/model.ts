import type { Base, DeclaredDirectory, DeclaredUser } from "../catalogue/model.ts";
import type { Digest } from "../oci/digest.ts";

/** A file that a build sends to its engine. */
export interface ContextFile {
  /** Inside the build context, forward slashes. */
  readonly path: string;
  /** Relative to the catalogue's root: where the bytes are. */
  readonly source: string;
  readonly type: "file" | "symlink";
  readonly mode: 0o644 | 0o755;
  /** Bytes; 0 for links. */
  readonly size: number;
  /** Of the content; of the target's bytes for a link. */
  readonly digest: Digest;
  readonly link?: string;
}

/** The files of each planned layer's directory, by directory, as read from the working tree: `science/x` → files. */
export type Contexts = Readonly<Record<string, readonly ContextFile[]>>;

/**
 * One image to make, complete but for what only the run knows: the digests of its bases and the time. Survives JSON.
 */
export interface ImageBuild {
  /** Id of the plan's build, or `payload/{compat layer}/{stage}` for a stage that is built once for all. */
  readonly id: string;
  readonly kind: "science" | "compat";
  /** The unique tag, then the stable tag. */
  readonly tags: readonly [unique: string, stable: string];
  /** Ids of builds of the same run that must be done first. */
  readonly dependsOn: readonly string[];
  readonly dockerfile: DockerfileTemplate;
  /** Sorted by path; `.dockerignore` already applied; without `sciserver-image.json`, `Dockerfile` and `.dockerignore`. */
  readonly context: readonly ContextFile[];
  readonly args: Readonly<Record<string, string>>;
  /** Labels that do not depend on time or on what a base turned out to be. */
  readonly labels: Readonly<Record<string, string>>;
  /** Keys of labels that take the time of the build, in seconds since the epoch. */
  readonly timeLabels: readonly string[];
  /** Keys of labels that take the digest-pinned reference of the base of the final stage. */
  readonly baseLabels: readonly string[];
  /** Digest of everything of the catalogue that goes into the image, parents not included (B30, B31). */
  readonly inputs: Digest;
  /** What the compat stack declares instead of running `useradd` and `mkdir`. */
  readonly declared?: { readonly user?: DeclaredUser; readonly directories: readonly DeclaredDirectory[] };
  readonly test: readonly string[];
}

/** A Dockerfile with the places where references are pinned before it is handed to an engine. */
export interface DockerfileTemplate {
  readonly text: string;
  /** In order of position, not overlapping. */
  readonly references: readonly TemplateReference[];
}

export interface TemplateReference {
  /** Offsets in the template's text. */
  readonly start: number;
  readonly end: number;
  readonly base: TemplateBase;
  /** True for the base of the stage that becomes the image. */
  readonly final: boolean;
}

/** `built`: by a build of this run, by id. The others as in `Base`. */
export type TemplateBase =
  | { readonly kind: "built"; readonly id: string }
  | { readonly kind: "catalogue"; readonly base: Base; readonly target: string; readonly version: string }
  | { readonly kind: "fixed"; readonly name: string };
