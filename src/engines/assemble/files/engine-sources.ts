import type { FactsCache } from "../../../contents/cache.ts";
import type { IndexCache } from "../../../files/cache.ts";
import { parseReference } from "../../../oci/reference.ts";
import type { Registries, Registry } from "../../../registry/model.ts";
import type { Task } from "../../model.ts";
import type { BaseImage, StageState } from "../evaluate/stage-state.ts";
import { readArchive } from "../layers/archive.ts";
import { interruptible } from "../layers/interruptible.ts";
import type { Spool } from "../layers/spool.ts";
import type { FinishedImage } from "../push/finish-image.ts";
import type { MadeImages } from "../push/made-images.ts";
import { readText } from "./content-reader.ts";
import { once, registryImage } from "./image-source.ts";
import type { PayloadStore } from "./payload-store.ts";
import type { ArchiveItem, Sources } from "./sources.ts";
import { takeOut } from "./take-out.ts";
import type { Node, Tree } from "./tree.ts";

interface SourceOptions {
  readonly registries: Registries;
  readonly indexes: IndexCache;
  readonly facts: FactsCache;
  readonly spool: Spool;
  readonly payloads?: PayloadStore;
  readonly made: MadeImages;
  /** Where images of this run are, when not in their registry. */
  readonly destination?: Registry;
}

/** Where assembled images get their bases and files from. What several images copy from is looked at once. */
export class EngineSources implements Sources {
  readonly #options: SourceOptions;
  readonly #copied: Map<string, () => Promise<Tree>>;
  readonly #archives: Map<string, () => Promise<readonly ArchiveItem[] | undefined>>;
  readonly #task: Task | undefined;
  readonly signal: AbortSignal;
  readonly #known: string | undefined;

  constructor(options: SourceOptions, shared?: EngineSources, task?: Task, known?: string) {
    this.#known = known;
    this.#options = options;
    this.#copied = shared ? shared.#copied : new Map();
    this.#archives = shared ? shared.#archives : new Map();
    this.#task = task;
    this.signal = task?.signal ?? new AbortController().signal;
  }

  /** The same for one build, which logs and can be interrupted. `known`: what is known of the files of its base. */
  during(task: Task, known?: string): EngineSources {
    return new EngineSources(this.#options, this, task, known);
  }

  base(reference: string): Promise<BaseImage> {
    this.#begin(`FROM ${reference}`);
    return this.#image(reference, this.#known);
  }

  async #image(reference: string, filesKnown?: string): Promise<BaseImage> {
    const { registries, destination, made, indexes, facts } = this.#options;
    const known = made.find(reference);
    if (known?.state) return baseOfMade(known.state, known.finished);
    const place = known && destination ? { registryFor: () => destination } : registries;
    const caches = { indexes, facts };
    return registryImage(reference, interruptible(place, this.signal), caches, {
      signal: this.signal,
      ...(filesKnown !== undefined && { known: filesKnown }),
    });
  }

  files(reference: string, paths: readonly string[]): Promise<Tree> {
    this.#begin(`COPY --from=${reference}`);
    const key = JSON.stringify([reference, paths]);
    const files = this.#copied.get(key) ?? once(() => this.#findFiles(reference, paths));
    this.#copied.set(key, files);
    return files();
  }

  archive(file: Node): Promise<readonly ArchiveItem[] | undefined> {
    if (file.content?.kind !== "disk") return Promise.resolve(undefined);
    const { digest } = file.content;
    const archive = this.#archives.get(digest) ?? once(() => readArchive(file, this.#options.spool, this.signal));
    this.#archives.set(digest, archive);
    return archive();
  }

  async text(file: Node): Promise<string> {
    const [entry] = await takeOut([{ path: "text", node: file }], this.#options.spool);
    return readText(entry?.node ?? file);
  }

  async #findFiles(reference: string, paths: readonly string[]): Promise<Tree> {
    const payload = this.#options.made.find(reference) ? undefined : await this.#payload(reference, paths);
    return payload ?? (await (await this.#image(reference)).files()).tree;
  }

  /** An image named without digest may be one that an engine on this machine built for this run alone. */
  async #payload(reference: string, paths: readonly string[]): Promise<Tree | undefined> {
    if (parseReference(reference)?.digest !== undefined) return undefined;
    return this.#options.payloads?.files(reference, paths, this.signal);
  }

  #begin(what: string): void {
    this.signal.throwIfAborted();
    this.#task?.log.write(`${what}\n`);
  }
}

function baseOfMade(state: StageState, finished: FinishedImage): BaseImage {
  return {
    family: state.family,
    config: finished.imageConfig,
    layers: finished.layers,
    files: async () => {
      const { overlay, base } = await state.files();
      return { tree: overlay, accounts: base };
    },
    index: () => finished.index(),
    facts: () => finished.facts(),
  };
}
