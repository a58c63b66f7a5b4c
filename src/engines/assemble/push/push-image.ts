import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import type { Digest } from "../../../oci/digest.ts";
import { parseManifest } from "../../../oci/manifest.ts";
import { isIndexType } from "../../../oci/media-types.ts";
import { manifestTarget, parseReferenceOrThrow } from "../../../oci/reference.ts";
import { RegistryFailure } from "../../../registry/failures.ts";
import type { BlobSource, Registries, Registry } from "../../../registry/model.ts";
import type { ImageLayer } from "../evaluate/stage-state.ts";
import type { Blob, FinishedImage } from "./finish-image.ts";

/** Sends images to registries, each blob over the wire at most once per registry. */
export class Pusher {
  readonly #registries: Registries;
  readonly #destination: Registry | undefined;
  /** Repository that holds a blob, by host and digest: where the others mount it from. */
  readonly #homes = new Map<string, Promise<string>>();
  /** What is known to be in a repository, so that nobody has to ask. */
  readonly #present = new Set<string>();

  /** `destination` takes what is pushed to any registry, as an OCI layout does. */
  constructor(registries: Registries, destination?: Registry) {
    this.#registries = registries;
    this.#destination = destination;
  }

  /** `previous`: a tag of the same repository whose image is likely to share layers with this one. */
  async push(image: FinishedImage, reference: string, previous?: string): Promise<Digest> {
    const parsed = parseReferenceOrThrow(reference);
    const registry = this.#destination ?? this.#registries.registryFor(parsed.registry);
    if (previous !== undefined) await this.#learn(registry, parsed.repository, previous, image.layers.length);
    await Promise.all([
      ...image.layers.map((layer) => this.#sendLayer(registry, parsed.repository, layer)),
      this.#sendConfig(registry, parsed.repository, image.config),
    ]);
    const { descriptor, bytes } = image.manifest;
    const put = () =>
      registry.repository(parsed.repository).manifests.put(manifestTarget(parsed), descriptor.mediaType, bytes);
    const stored = await put().catch(async (failure: unknown) => {
      await this.#sendMissing(registry, parsed.repository, image, failure);
      return put();
    });
    return stored.digest;
  }

  /** What the registry said that it has, mounted or took, and misses now. Throws the failure where that is not why. */
  async #sendMissing(
    registry: Registry,
    repository: string,
    { layers, config }: FinishedImage,
    failure: unknown,
  ): Promise<void> {
    const missing = failure instanceof RegistryFailure ? failure.missing : [];
    if (missing.length === 0) throw failure;
    const { blobs } = registry.repository(repository);
    if (missing.includes(config.descriptor.digest)) await blobs.put(config.descriptor, config.bytes);
    for (const layer of layers) {
      if (missing.includes(layer.blob.digest)) await blobs.put(layer.blob, this.#source(layer));
    }
  }

  /** One request for the manifest of the image before this one saves a mount for each layer that the two share. */
  async #learn(registry: Registry, repository: string, tag: string, layers: number): Promise<void> {
    if (layers < 2) return;
    const { manifests, memory } = registry.repository(repository);
    const content = memory?.lastSeen(tag) ?? (await manifests.get(tag).catch(() => undefined));
    if (!content || content === "absent" || isIndexType(content.descriptor.mediaType)) return;
    for (const { digest } of parseManifest(content.bytes, content.descriptor.mediaType).layers) {
      this.#present.add(`${registry.host}/${repository}@${digest}`);
    }
  }

  async #sendConfig(registry: Registry, repository: string, { descriptor, bytes }: Blob): Promise<void> {
    await registry.repository(repository).blobs.put(descriptor, bytes);
  }

  async #sendLayer(registry: Registry, repository: string, layer: ImageLayer): Promise<void> {
    const { digest } = layer.blob;
    const place = `${registry.host}/${repository}@${digest}`;
    if (this.#present.has(place) || isThere(layer, registry, repository)) return;
    const home = await this.#home(registry, repository, layer);
    if (home !== repository && !(await registry.repository(repository).blobs.mount(digest, home))) {
      await registry.repository(repository).blobs.put(layer.blob, this.#source(layer));
    }
    this.#present.add(place);
  }

  /** A repository on this registry that has the layer; the first one to ask uploads it where there is none. */
  async #home(registry: Registry, repository: string, layer: ImageLayer): Promise<string> {
    const { origin, blob } = layer;
    if (origin.kind === "registry" && origin.host === registry.host) return origin.repository;
    const key = `${registry.host}@${blob.digest}`;
    for (let known = this.#homes.get(key); known; known = this.#homes.get(key)) {
      // An upload that fails is the failure of its own image; the next one may fare better.
      const home = await known.catch(() => undefined);
      if (home !== undefined) return home;
    }
    const own = this.#upload(registry, repository, layer);
    this.#homes.set(key, own);
    own.catch(() => this.#homes.delete(key));
    return own;
  }

  async #upload(registry: Registry, repository: string, layer: ImageLayer): Promise<string> {
    // Mounting from itself says whether the blob is there, and begins the upload where it is not: one request for two.
    const isThereAlready = await registry.repository(repository).blobs.mount(layer.blob.digest, repository);
    if (!isThereAlready) await registry.repository(repository).blobs.put(layer.blob, this.#source(layer));
    return repository;
  }

  /** The compressed bytes, from their file or out of the registry of the base. */
  #source(layer: ImageLayer): BlobSource {
    const { origin, blob } = layer;
    if (origin.kind === "file") return () => createReadStream(origin.path);
    const from = this.#registries.registryFor(origin.host);
    return () => Readable.from(opened(() => from.repository(origin.repository).blobs.get(blob)));
  }
}

const isThere = ({ origin }: ImageLayer, registry: Registry, repository: string): boolean =>
  origin.kind === "registry" && origin.host === registry.host && origin.repository === repository;

async function* opened(open: () => Promise<AsyncIterable<Uint8Array>>): AsyncGenerator<Uint8Array> {
  yield* await open();
}
