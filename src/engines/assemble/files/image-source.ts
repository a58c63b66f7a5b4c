import type { FactsCache } from "../../../contents/cache.ts";
import { knownFacts, readAndKeep } from "../../../contents/obtain.ts";
import { error } from "../../../diagnostics/diagnostic.ts";
import { FailedError } from "../../../diagnostics/failure.ts";
import type { IndexCache } from "../../../files/cache.ts";
import { openLayer } from "../../../files/decompress.ts";
import { layerName } from "../../../files/errors.ts";
import type { FileIndex } from "../../../files/index.ts";
import { AskedFiles, readKnownFiles } from "../../../files/known.ts";
import type { TarOfLayer } from "../../../files/obtain.ts";
import { remoteIndex } from "../../../files/publish.ts";
import { familyOf } from "../../../oci/manifest.ts";
import { imagePlatform } from "../../../oci/platform.ts";
import { manifestTarget, parseReferenceOrThrow } from "../../../oci/reference.ts";
import { type RemoteImage, readImage } from "../../../registry/image.ts";
import type { Registries, Registry } from "../../../registry/model.ts";
import type { BaseImage, ImageLayer } from "../evaluate/stage-state.ts";
import { IndexTree } from "./index-tree.ts";

/**
 * An image in a registry as a base: its manifest and config are read, its layers only when its files are asked for. `known`: what
 * was asked of these files before, as `AskedFiles` has written it.
 */
export async function registryImage(
  name: string,
  registries: Pick<Registries, "registryFor">,
  caches: { readonly indexes: IndexCache; readonly facts: FactsCache },
  { signal, known }: { readonly signal?: AbortSignal; readonly known?: string } = {},
): Promise<BaseImage> {
  const reference = parseReferenceOrThrow(name);
  const registry = registries.registryFor(reference.registry);
  const { repository } = reference;
  const image = await readImage(registry.repository(repository), manifestTarget(reference), imagePlatform);
  if (!image) throw missing(name);
  if (image.config.os.toLowerCase() !== imagePlatform.os) throw otherSystem(name, image.config.os);
  const layers = layersOf(registry, repository, image, name, signal);
  let unattached: FileIndex | undefined;
  const read = (each: FileIndex): void => void (unattached = each);
  const readLayer = async (layer: TarOfLayer) => (await readAndKeep(layer, caches.facts)).listing;
  const index = once(() => remoteIndex({ name, registry, repository, image, signal, read, readLayer }, caches.indexes));
  const facts = once(async () => [...(await knownFacts(registry, repository, image, caches.facts)).known.values()]);
  const diffIds = image.config.rootfs.diff_ids;
  let asked: AskedFiles | undefined;
  return {
    config: image.config,
    family: familyOf(image.manifest),
    layers,
    index,
    facts,
    unattached: () =>
      unattached && { host: registry.host, repository, subject: image.descriptor, index: unattached, facts },
    files: once(async () => {
      const files = (known === undefined ? undefined : readKnownFiles(known, diffIds)) ?? (await index());
      asked = new AskedFiles(files, diffIds);
      return { tree: new IndexTree(asked, layers), accounts: asked.accounts };
    }),
    asked: () => asked?.text(),
  };
}

function layersOf(
  registry: Registry,
  repository: string,
  { manifest, config }: RemoteImage,
  name: string,
  signal?: AbortSignal,
): ImageLayer[] {
  const diffIds = config.rootfs.diff_ids;
  const { host } = registry;
  return manifest.layers.map((blob, at) => {
    const diffId = diffIds[at];
    if (!diffId || diffIds.length !== manifest.layers.length)
      throw differ(name, manifest.layers.length, diffIds.length);
    return {
      blob,
      diffId,
      name: layerName(name, at, manifest.layers.length, blob.digest),
      origin: { kind: "registry", host, repository },
      open: async () => openLayer(blob, await registry.repository(repository).blobs.get(blob), signal),
    };
  });
}

const missing = (name: string): FailedError =>
  new FailedError([
    error("no-image", `there is no image ${name}`, {
      help: "check the name, and that you are logged in to the registry",
    }),
  ]);

const otherSystem = (name: string, os: string): FailedError =>
  new FailedError([error("other-system", `${name} is for ${os}, not for ${imagePlatform.os}`)]);

const differ = (name: string, layers: number, diffIds: number): FailedError =>
  new FailedError([error("bad-image", `${name} has ${layers} layers by its manifest and ${diffIds} by its config`)]);

/** Calls a function the first time only; a failure is forgotten. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  let result: Promise<T> | undefined;
  return () => {
    result ??= work().catch((cause: unknown) => {
      result = undefined;
      throw cause;
    });
    return result;
  };
}
