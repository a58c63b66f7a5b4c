import type { LayerFacts } from "../../../contents/model.ts";
import { error } from "../../../diagnostics/diagnostic.ts";
import { FailedError } from "../../../diagnostics/failure.ts";
import type { FileIndex } from "../../../files/index.ts";
import { baseFilesAnnotation, manifestAnnotations } from "../../../naming/labels.ts";
import { canonicalJson } from "../../../oci/canonical-json.ts";
import type { HistoryEntry, ImageConfig } from "../../../oci/config.ts";
import type { Descriptor } from "../../../oci/descriptor.ts";
import { type Digest, sha256Digest } from "../../../oci/digest.ts";
import { layerTypeIn, mediaTypesOf } from "../../../oci/media-types.ts";
import type { ReadyBuild } from "../../model.ts";
import type { ImageLayer, StageState } from "../evaluate/stage-state.ts";

/** An image that is complete but for being somewhere: documents as bytes, layers by where they are now. */
export interface FinishedImage {
  readonly imageConfig: ImageConfig;
  readonly config: Blob;
  readonly manifest: Blob;
  readonly layers: readonly ImageLayer[];
  /** Of its files. */
  index(): Promise<FileIndex>;
  /** Of its layers, as far as they are known without reading one of a registry. */
  facts(): Promise<readonly LayerFacts[]>;
}

export interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Buffer;
}

/** Makes config and manifest, all of the family of the base: Docker's types and OCI's are never mixed in an image. */
export function finishImage(
  state: StageState,
  {
    layers,
    history,
    index,
    facts,
  }: Pick<FinishedImage, "layers" | "index" | "facts"> & { readonly history: readonly HistoryEntry[] },
  ready: ReadyBuild,
): FinishedImage {
  const types = mediaTypesOf(state.family);
  const converted = layers.map((layer) => inFamily(layer, state));
  const imageConfig = configOf(
    state,
    layers.map((layer) => layer.diffId),
    history,
    ready,
  );
  const config = blobOf(types.config, canonicalJson(imageConfig));
  const manifest = blobOf(
    types.manifest,
    canonicalJson({
      schemaVersion: 2,
      mediaType: types.manifest,
      config: config.descriptor,
      layers: converted.map(({ blob: { mediaType, digest, size } }) => ({ mediaType, digest, size })),
      annotations: annotationsOf(state, ready),
    }),
  );
  return { imageConfig, config, manifest, layers: converted, index, facts };
}

/** Docker's form of a manifest has none by its specification; whoever reads it passes by what it does not know. */
function annotationsOf(state: StageState, { build, labels }: ReadyBuild): Record<string, string> {
  const asked = build.kind === "compat" ? state.asked() : undefined;
  return { ...manifestAnnotations(labels), ...(asked !== undefined && { [baseFilesAnnotation]: asked }) };
}

function inFamily(layer: ImageLayer, { family }: StageState): ImageLayer {
  const mediaType = layerTypeIn(family, layer.blob.mediaType);
  if (mediaType !== undefined) return { ...layer, blob: { ...layer.blob, mediaType } };
  const message = `a layer of type ${layer.blob.mediaType} cannot be in an image of ${family === "oci" ? "OCI" : "Docker"} types`;
  throw new FailedError([error("bad-layer-type", message)]);
}

function configOf(
  state: StageState,
  diffIds: readonly Digest[],
  history: readonly HistoryEntry[],
  { labels, created }: ReadyBuild,
): ImageConfig {
  const time = new Date(created * 1000).toISOString().replace(".000Z", "Z");
  const { config, author, platform } = state;
  const all = { ...config.Labels, ...labels };
  return {
    ...platform,
    created: time,
    ...(author !== undefined && { author }),
    config: { ...config, ...(Object.keys(all).length > 0 && { Labels: all }) },
    rootfs: { type: "layers", diff_ids: diffIds },
    history: history.map((entry) => ("created" in entry && entry.created ? entry : { created: time, ...entry })),
  };
}

const blobOf = (mediaType: string, bytes: Buffer): Blob => ({
  bytes,
  descriptor: { mediaType, digest: sha256Digest(bytes), size: bytes.length },
});
