import type { LayerFacts } from "../../../contents/model.ts";
import type { Accounts } from "../../../files/entry.ts";
import type { FileIndex } from "../../../files/index.ts";
import { type ContainerConfig, type HistoryEntry, type ImageConfig, withoutUnknown } from "../../../oci/config.ts";
import type { Descriptor } from "../../../oci/descriptor.ts";
import type { Family } from "../../../oci/media-types.ts";
import { normalized } from "../../../oci/platform.ts";
import { Overlay } from "../files/overlay.ts";
import type { Node, SourceLayer, Tree } from "../files/tree.ts";

/** A layer that is in a registry, in a layout, or in a file of this run. */
export interface ImageLayer extends SourceLayer {
  readonly blob: Descriptor;
  readonly origin: LayerOrigin;
}

type LayerOrigin =
  | { readonly kind: "registry"; readonly host: string; readonly repository: string }
  | { readonly kind: "file"; readonly path: string };

/** What a stage starts from. */
export interface BaseImage {
  readonly config: ImageConfig;
  readonly family: Family;
  /** Lowest first. */
  readonly layers: readonly StageLayer[];
  /** Asked for only when an instruction needs to know the files. */
  files(): Promise<BaseFiles>;
  /** Of the image in a registry that all began with; what later stages add is in `layers`. */
  index(): Promise<FileIndex>;
  /** Of the layers of that image, as far as they are known without reading one. */
  facts(): Promise<readonly LayerFacts[]>;
  /** What was asked of its files so far, as `AskedFiles` writes it. */
  asked?(): string | undefined;
  /** An index that was made by reading the layers, because the image in the registry has none. */
  unattached?(): UnattachedIndex | undefined;
}

export interface UnattachedIndex {
  readonly host: string;
  readonly repository: string;
  readonly subject: Descriptor;
  readonly index: FileIndex;
  /** What was learned when the layers were read. */
  readonly facts: () => Promise<readonly LayerFacts[]>;
}

interface BaseFiles {
  readonly tree: Tree;
  /** Of the layers of the base alone. */
  readonly accounts: Accounts;
}

/** A layer of the image that is being made: one of the base's, or the entries of a new one. */
export type StageLayer = ImageLayer | NewLayer;

export interface NewLayer {
  readonly entries: readonly LayerEntry[];
  /** True for what is worked out from the files of the base, as `/etc/passwd` with one user more. */
  readonly ofOneBase: boolean;
}

export interface LayerEntry {
  readonly path: string;
  readonly node: Node;
}

export const isNewLayer = (layer: StageLayer): layer is NewLayer => "entries" in layer;

/** An image in the making. Instructions change it one after the other. */
export class StageState {
  readonly family: Family;
  readonly platform: Pick<ImageConfig, "os" | "architecture" | "variant" | "os.version" | "os.features">;
  readonly history: HistoryEntry[];
  readonly layers: StageLayer[];
  config: ContainerConfig;
  author: string | undefined;
  /** True once this stage has a CMD of its own, which ENTRYPOINT then leaves alone. */
  hasCommand = false;
  readonly #base: BaseImage;
  #files: Promise<StageFiles> | undefined;

  constructor(base: BaseImage) {
    const { os, architecture, variant, "os.version": osVersion, "os.features": features } = base.config;
    this.family = base.family;
    const known = normalized({ os, architecture, variant });
    this.platform = { ...known, "os.version": osVersion, "os.features": features };
    this.history = agreeing(base.config, base.layers.length);
    this.layers = [...base.layers];
    this.config = withPath(withoutUnknown(base.config.config ?? {}));
    this.author = base.config.author;
    this.#base = base;
  }

  files(): Promise<StageFiles> {
    this.#files ??= this.#base.files().then(({ tree, accounts }) => ({ overlay: new Overlay(tree), base: accounts }));
    return this.#files;
  }

  /** The index of the image in a registry that this stage, or one below it, is built on. */
  baseIndex(): Promise<FileIndex> {
    return this.#base.index();
  }

  /** Of the layers of that image, as far as they are known without reading one. */
  baseFacts(): Promise<readonly LayerFacts[]> {
    return this.#base.facts();
  }

  unattached(): UnattachedIndex | undefined {
    return this.#base.unattached?.();
  }

  /** What was asked of the files of the image in a registry below. */
  asked(): string | undefined {
    return this.#base.asked?.();
  }

  addHistory(createdBy: string, hasLayer: boolean): void {
    this.history.push({ created_by: createdBy, comment: "image-builder", ...(hasLayer ? {} : { empty_layer: true }) });
  }
}

/** The history of a base, with as many steps that made a layer as it has layers: some builders write none, or too few. */
function agreeing({ history = [], created }: ImageConfig, layers: number): HistoryEntry[] {
  let left = layers;
  const told = history.map((step) => (step.empty_layer || (left -= 1) >= 0 ? step : { ...step, empty_layer: true }));
  const untold = { ...(created !== undefined && { created }), created_by: "a layer of the base image" };
  return [...told, ...Array.from({ length: Math.max(0, left) }, () => untold)];
}

interface StageFiles {
  readonly overlay: Overlay;
  readonly base: Accounts;
}

/** BuildKit gives every image a PATH. */
function withPath(config: ContainerConfig): ContainerConfig {
  const env = config.Env ?? [];
  if (env.some((each) => each.startsWith("PATH="))) return config;
  return { ...config, Env: [...env, `PATH=${defaultPath}`] };
}

const defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export const environmentOf = (config: ContainerConfig): ReadonlyMap<string, string> =>
  new Map((config.Env ?? []).map((each) => splitVariable(each)));

function splitVariable(text: string): [string, string] {
  const at = text.indexOf("=");
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}
