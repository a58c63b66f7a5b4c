import type { Exceptions, FreezeMode, ScienceTestMode } from "../catalogue/freeze.ts";
import type { BaseSource, DeclaredDirectory, DeclaredUser, SourceText } from "../catalogue/model.ts";
import type { LayerTest } from "../catalogue/tests.ts";
import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import type { Digest } from "../oci/digest.ts";

/** A file that a build sends to its engine. */
export interface ContextFile {
  /** Inside the build context, forward slashes; bytes that are not UTF-8 as in `oci/path-bytes.ts`. */
  readonly path: string;
  /** Relative to the catalogue's root: where the bytes are; outside of it for what no file of the checkout holds. */
  readonly source: string;
  /** A folder is listed only where no file of the context is in it. */
  readonly type: "file" | "symlink" | "directory";
  readonly mode: 0o644 | 0o755;
  /** Bytes; 0 for links and folders. */
  readonly size: number;
  /** Of the content; of the target's bytes for a link; of nothing for a folder. */
  readonly digest: Digest;
  readonly link?: string;
}

/**
 * The files of each planned layer, by directory (`science/x`): what HEAD has of it, and what is not committed, sorted by path,
 * `.dockerignore` not applied.
 */
export type Contexts = Readonly<Record<string, readonly ContextFile[]>>;

/**
 * One image to make, complete but for what only the run knows: the digests of its bases and the time. Survives JSON.
 */
export interface ImageBuild {
  /** Id of the plan's build, or `payload/{compat layer}/{stage}` for a stage that is built once for all. */
  readonly id: string;
  readonly kind: "science" | "compat" | "payload";
  /** The unique tag, the stable tag, and those that move with it. A payload has no stable tag: both are the same. */
  readonly tags: readonly [unique: string, stable: string, ...further: string[]];
  /** Ids of builds of the same run that must be done first. */
  readonly dependsOn: readonly string[];
  readonly dockerfile: DockerfileTemplate;
  /** Sorted by path; `.dockerignore` already applied; without `sciserver-image.json`, `Dockerfile` and `.dockerignore`. */
  readonly context: readonly ContextFile[];
  /** Folders that layers share, each once, as far as the Dockerfile names them; absent where it names none (B49). */
  readonly contexts?: readonly SharedContext[];
  /** Names of the secrets that its layers declare, sorted; absent where they declare none (B47). */
  readonly secrets?: readonly string[];
  /** For `--build-arg`. Those of compat layers stand in the Dockerfile, since two layers may differ about one name. */
  readonly args: Readonly<Record<string, string>>;
  /** Labels that do not depend on time or on what a base turned out to be. */
  readonly labels: Readonly<Record<string, string>>;
  readonly runLabels: readonly RunLabel[];
  /** Digest of everything of the catalogue that goes into the image, parents not included (B30, B31). */
  readonly inputs: Digest;
  /** Run in the image before it is published; those of an interface, lowest layer first. */
  readonly test: readonly ImageTest[];
  /** Of an image with an interface. */
  readonly freeze?: FreezeRule;
  /** Of the layers of this catalogue that it starts from; absent where they leave none. An interface carries none of them out. */
  readonly triggers?: readonly Triggers[];
}

/** A test of a layer, with the files that it brings. */
export interface ImageTest extends Omit<LayerTest, "files"> {
  /** Sorted by path within each entry of the definition's `files`. */
  readonly files: readonly TestFile[];
  /** Where it is written. */
  readonly place: Required<Pick<Diagnostic, "at" | "excerpt">>;
}

export interface TestFile {
  /** Absolute path in the container. */
  readonly path: string;
  readonly file: ContextFile;
}

/** What an image with an interface is held to (B42, B43). */
export interface FreezeRule {
  readonly mode: FreezeMode;
  readonly mayChange: Exceptions;
  /** As people know the science image: its directory, or its repository path where it has no definition. */
  readonly science: string;
  /** When the tests of the science definition run in the image. */
  readonly tests: ScienceTestMode;
  readonly scienceTests: readonly ImageTest[];
}

/** The files of a folder that layers share, which instructions name with `--from=` as they would name an image. */
export interface SharedContext {
  /** What stands in the Dockerfile in place of the layer's own name for it; equal files have equal references. */
  readonly reference: string;
  /** Sorted by path; its `.dockerignore` already applied. */
  readonly files: readonly ContextFile[];
}

/** What a layer leaves behind ONBUILD for those who build on it. */
export interface Triggers {
  /** Directory of the layer. */
  readonly of: string;
  /** Index of the stage that starts from it; the last one when undefined. */
  readonly stage?: number;
  /** Each as a text of its own, in order. */
  readonly instructions: readonly string[];
}

/** A label whose value is known when the build starts. */
export interface RunLabel {
  readonly key: string;
  /** `seconds` and `rfc3339`: the time of the build. The others are of the base of the final stage; left out for `scratch`. */
  readonly takes: "seconds" | "rfc3339" | "base-reference" | "base-name" | "base-digest";
}

/** A Dockerfile with the places where references are pinned before it is handed to an engine. */
export interface DockerfileTemplate {
  readonly text: string;
  /** In order of position, not overlapping. */
  readonly references: readonly TemplateReference[];
  /** What compat layers declare instead of running `useradd` and `mkdir`; in order of position. */
  readonly declared: readonly DeclaredSection[];
  /** In order of position, not overlapping. What is in none of them was written by image-builder for the whole. */
  readonly origins: readonly Origin[];
}

/** A part of a composed Dockerfile that comes from a file of the catalogue: as a rule, character by character. */
export interface Origin extends CataloguePart {
  /** Offsets in the composed text. */
  readonly start: number;
  readonly end: number;
}

export interface CataloguePart {
  readonly source: SourceText;
  /** Where the part begins in the text of the file. */
  readonly offset: number;
  /** Set where the composed text is not the part itself, but was written by image-builder for so many characters of the file. */
  readonly length?: number;
}

interface TemplateReference {
  /** Offsets in the template's text. */
  readonly start: number;
  readonly end: number;
  readonly base: TemplateBase;
  /** True for the base of the stage that becomes the image. */
  readonly final: boolean;
}

/** `built`: by a build of this run, by id. The others as in `BaseSource`; `name` is the reference after substitution. */
export type TemplateBase = { readonly kind: "built"; readonly id: string } | NamedBase;

export interface NamedBase {
  readonly kind: "named";
  readonly name: string;
  readonly source: Exclude<BaseSource, { kind: "scratch" }>;
  /** Where it is written; undefined for the science image below a compat stack. */
  readonly at?: Place;
}

/** What one compat layer declares, and its place: before the layer's own instructions. */
export interface DeclaredSection extends Declaration {
  /** Offset in the Dockerfile's text, the start of a line. */
  readonly at: number;
  /** Where it is declared. */
  readonly origin: CataloguePart;
}

export interface Declaration {
  /** Name of the compat layer. */
  readonly layer: string;
  /** The user to add. */
  readonly user?: DeclaredUser;
  /** Owner of directories that name none: the user of this layer or the nearest below. Root when undefined. */
  readonly owner?: DeclaredUser;
  readonly directories: readonly DeclaredDirectory[];
  /** Argument of the last `USER` before this place in the layer's stage; undefined where that is the base's own. */
  readonly runsAs?: string;
}

/** A reference that a `TemplateReference` is replaced by, in the order of the template's references. */
export interface Pin {
  /** What stands in the Dockerfile, as a rule with a digest. */
  readonly reference: string;
  /** As people know it, in full and without digest. */
  readonly name: string;
  /** Digest of the manifest; undefined for an image that only an engine's store has. */
  readonly digest?: Digest;
  /** `USER` of the image's config, where the run has looked. */
  readonly user?: string;
}
