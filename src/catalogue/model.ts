import type { Diagnostic, Place } from "../diagnostics/diagnostic.ts";
import type { Range } from "../diagnostics/text.ts";
import type { Dockerfile } from "../dockerfile/model.ts";
import type { Exceptions, FreezeMode, ScienceTestMode } from "./freeze.ts";
import type { LayerTest } from "./tests.ts";

/** All of `science/` and `compat/` under one root, read but not yet held against git or a registry. Survives JSON. */
export interface Catalogue {
  /** Absolute path of the folder that holds `science/` and `compat/`. */
  readonly root: string;
  readonly settings: Settings;
  /** `image-builder.json`, where there is one. */
  readonly source?: SourceText;
  /** Sorted by directory. */
  readonly science: readonly ScienceLayer[];
  /** Sorted by directory. */
  readonly compat: readonly CompatLayer[];
  /** Layers that something is wrong of, as far as they can be read: for checks alone. Absent where there are none. */
  readonly broken?: readonly (ScienceLayer | CompatLayer)[];
  /** Every problem found, sorted by place. Nothing is planned when one of them is an error. */
  readonly diagnostics: readonly Diagnostic[];
}

/** `image-builder.json`, the environment and the flags, merged (B5): a flag beats the environment beats the file. */
export interface Settings {
  /** For interfaces that do not say it themselves. */
  readonly freeze: FreezeMode;
  readonly mayChange: Exceptions;
  readonly tests: ScienceTestMode;
  /** Where this run publishes: `--repo`, or else the home repository. No trailing slash. */
  readonly repo: string;
  /** The catalogue's own repository (`repo` of `image-builder.json`, or the default). */
  readonly home: string;
  readonly engine?: string;
  readonly jobs?: number;
  readonly meaningful: boolean;
  /** Repositories that get all that the home repository gets; none where this run publishes elsewhere. No trailing slashes. */
  readonly copies: readonly string[];
  /** Network mode of RUN instructions, as `docker build --network` takes it. */
  readonly network?: string;
  /** Registries (`host:port`) that are spoken to over plain http although they are not on loopback. */
  readonly insecure: readonly string[];
  /** Mirrors of Docker Hub: `host:port`, with `http://` before it where it is spoken to so. */
  readonly mirrors: readonly string[];
  /** Orphans that keep getting interface updates although their definition is gone (`adopt`). */
  readonly adopted: readonly AdoptedImage[];
  readonly withdrawn: readonly WithdrawnImage[];
}

/** A published tag that must not be used any more (`withdraw`). */
export interface WithdrawnImage {
  readonly image: string;
  readonly tag: string;
  readonly digest?: string;
  readonly reason: string;
  readonly replacement?: string;
  /** ISO 8601 date. */
  readonly since?: string;
  /** Digest of everything it was made from (`chainDigest`). */
  readonly inputs?: string;
  /** False when the stable tag pointed to another build when this one was withdrawn. */
  readonly stable?: boolean;
}

export interface AdoptedImage {
  readonly image: string;
  readonly version: string;
  /** Digest of the science image's manifest. */
  readonly science: string;
  /** Repository path of the science image below the repo, `sci/nist-basic`. */
  readonly target: string;
  readonly compat: string;
}

export interface SourceText {
  /** Relative to the root, forward slashes. */
  readonly path: string;
  readonly text: string;
}

/** A Dockerfile that is read once, and asked often. */
export interface Recipe extends Dockerfile {
  /** As in `SourceText`. */
  readonly path: string;
}

interface Layer {
  /** `science/nist-basic`, relative to the root. */
  readonly directory: string;
  /** Last component of the directory. */
  readonly name: string;
  readonly description?: string;
  /** Build arguments. */
  readonly args: Readonly<Record<string, string>>;
  /** Run in the built image before it is published. */
  readonly test: readonly LayerTest[];
  readonly definition: SourceText;
  readonly dockerfile: SourceText;
  /** `Dockerfile.dockerignore` or else `.dockerignore`, where there is one. */
  readonly ignore?: SourceText;
  /** Folders of the repository that it names, sorted by name; absent where it names none (B49). */
  readonly contexts?: readonly SharedFolder[];
}

/** A folder that several layers share, as one of them names it. */
export interface SharedFolder {
  /** What stands behind `--from=`. */
  readonly name: string;
  /** Relative to the root, `shared/scripts`. */
  readonly directory: string;
  /** Its `.dockerignore`, where there is one. */
  readonly ignore?: SourceText;
  /** Where the layer's Dockerfile names it; empty where nothing is read of it. */
  readonly uses: readonly Range[];
}

export interface ScienceLayer extends Layer {
  readonly kind: "science";
  readonly target: string;
  readonly image: string;
  readonly version: string;
  /** Name of the compat layer it uses; absent where it is for others to build on, and gets none (B51). */
  readonly compat?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly platforms: readonly string[];
  /** Names only. */
  readonly secrets: readonly string[];
  /** Versions of this image that are given up on purpose (B17). */
  readonly retires: readonly string[];
  /** Further stable tags as they are written, `latest` and `{version}-{date}`; absent where there are none (B50). */
  readonly tags?: readonly string[];
  /** Where it is one of several variants of its directory (B48): where its own keys are written. */
  readonly variant?: Variant;
  /** Every image that the Dockerfile starts from or copies from, in order of appearance (B8). */
  readonly bases: readonly Base[];
}

/** A science layer that gets an interface. */
export type InterfacedLayer = ScienceLayer & { readonly compat: string };

/** The entry of a list of variants. */
export interface Variant {
  /** The definition, or the file of variants that it names. */
  readonly source: SourceText;
  /** Of the entry in that document, as `JsonDocument.places` has it: `variants.0`. */
  readonly path: string;
}

export interface CompatLayer extends Layer {
  readonly kind: "compat";
  readonly dockerfile: Recipe;
  /** Names of other compat layers, lowest first. */
  readonly includes: readonly string[];
  readonly user?: DeclaredUser;
  readonly directories: readonly DeclaredDirectory[];
  readonly freeze?: FreezeMode;
  readonly mayChange?: Exceptions;
  /** Names only; absent where there are none. */
  readonly secrets?: readonly string[];
  /** Images that its payload stages start from or copy from, and that it copies from itself; never the science image below it. */
  readonly bases: readonly Base[];
  /** Everything on disk below the directory, sorted by path, also what git does not track. */
  readonly files: readonly LayerFile[];
}

export interface DeclaredUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly group: string;
  readonly home: string;
  readonly shell: string;
}

export interface DeclaredDirectory {
  readonly path: string;
  /** `name`, `uid` or `uid:gid`; the declared user of the stack when absent. */
  readonly owner?: string;
  /** Permission bits, 0o755 when absent. */
  readonly mode?: number;
}

/** A file below a layer's directory. */
export interface LayerFile {
  /** Relative to the layer's directory. Bytes that are not UTF-8 are kept as lone surrogates (`oci/path-bytes.ts`). */
  readonly path: string;
  readonly type: "file" | "symlink" | "other";
  /** Bytes. */
  readonly size: number;
  /** True when anyone may execute it; git keeps no other permission bit. */
  readonly executable: boolean;
  /** Target of a symbolic link, as bytes like `path`. */
  readonly link?: string;
}

/** One image that a Dockerfile names (B8–B10). */
export interface Base {
  readonly via: "from" | "copy" | "mount";
  /** Index of the stage it occurs in. */
  readonly stage: number;
  /** True for the one whose layers the image begins with. */
  readonly final: boolean;
  /** The characters to replace when the reference is pinned. */
  readonly range: Range;
  readonly place: Place;
  readonly written: string;
  /** After substitution of build arguments. */
  readonly name: string;
  readonly source: BaseSource;
}

/**
 * `parent`: a layer of this catalogue by its stable tag, an edge. `pinned`: an image of this catalogue by unique tag or
 * digest, a fixed input. `external`: somebody else's image. `scratch`: nothing.
 */
export type BaseSource =
  /** `variant`: the layer is one of several of its directory. */
  | { readonly kind: "parent"; readonly target: string; readonly version: string; readonly variant?: true }
  | {
      readonly kind: "pinned";
      readonly target: string;
      readonly tag?: string;
      readonly digest?: string;
      readonly repository?: string;
    }
  | { readonly kind: "external" }
  | { readonly kind: "scratch" };
