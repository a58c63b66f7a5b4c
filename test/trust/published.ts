import { gzipSync } from "node:zlib";
import { composeBuilds, contextDirectories } from "../../src/compose/compose.ts";
import { readyLabels } from "../../src/compose/labels.ts";
import type { ImageBuild, Pin } from "../../src/compose/model.ts";
import { readContexts } from "../../src/engines/context.ts";
import { canonicalJson } from "../../src/oci/canonical-json.ts";
import type { ContainerConfig, HistoryEntry, ImageConfig } from "../../src/oci/config.ts";
import type { Descriptor } from "../../src/oci/descriptor.ts";
import { type Digest, sha256Digest } from "../../src/oci/digest.ts";
import { oci } from "../../src/oci/media-types.ts";
import { parseReferenceOrThrow } from "../../src/oci/reference.ts";
import type { Registry } from "../../src/registry/model.ts";
import { planAt } from "../support/plan-at.ts";

/** An image in pieces, to be pushed as it is or after somebody has meddled with it. */
export interface Pieces {
  readonly layers: readonly Buffer[];
  readonly diffIds: readonly Digest[];
  readonly history: readonly HistoryEntry[];
  readonly config: ContainerConfig;
}

export interface PublishedCatalogue {
  /** By id of the build: `science/x`, `compat/x:1.0`. */
  readonly images: ReadonlyMap<string, PushedImage>;
}

export interface PushedImage {
  readonly pieces: Pieces;
  readonly digest: Digest;
  readonly repository: string;
  readonly unique: string;
  readonly stable: string;
}

/**
 * Publishes a catalogue's HEAD without an engine: real plan, real labels and real tags on layers made up here, one for each
 * instruction that would make one.
 */
export async function publishHead(root: string, repo: string, registry: Registry): Promise<PublishedCatalogue> {
  const { plan, catalogue, changes } = await planAt({ root, since: "all", settings: { repo } });
  const contexts = await readContexts(root, contextDirectories(plan, catalogue), changes);
  const images = new Map<string, PushedImage>();
  for (const build of composeBuilds(plan, catalogue, contexts, { source: "https://git.example.org/images" })) {
    images.set(build.id, await pushBuild(build, images, registry));
  }
  return { images };
}

async function pushBuild(
  build: ImageBuild,
  done: ReadonlyMap<string, PushedImage>,
  registry: Registry,
): Promise<PushedImage> {
  const final = build.dockerfile.references.find((each) => each.final)?.base;
  const parent = final?.kind === "built" ? done.get(final.id) : undefined;
  const { repository, tag: unique = "" } = parseReferenceOrThrow(build.tags[0]);
  const stable = parseReferenceOrThrow(build.tags[1]).tag ?? "";
  const pieces = extend(parent?.pieces ?? base, build, parent && pinOf(parent, registry.host));
  const digest = await push(registry, repository, [unique, stable], pieces);
  return { pieces, digest, repository, unique, stable };
}

const pinOf = ({ repository, digest, stable }: PushedImage, host: string): Pin => ({
  reference: `${host}/${repository}@${digest}`,
  name: `${host}/${repository}:${stable}`,
  digest,
});

function extend(below: Pieces, build: ImageBuild, pin: Pin | undefined): Pieces {
  const own = [...build.dockerfile.text.matchAll(/^(?:RUN|COPY|ADD) .*$/gm)].map(([line]) => line);
  const made = own.map((line, at) => layerOf(`${build.inputs} ${at} ${line}`));
  const stamp = /^ENV (SCISERVER_IMAGE=.*)$/m.exec(build.dockerfile.text)?.[1];
  return {
    layers: [...below.layers, ...made.map(({ bytes }) => bytes)],
    diffIds: [...below.diffIds, ...made.map(({ diffId }) => diffId)],
    history: [
      ...below.history,
      ...own.map((line) => ({ created_by: line })),
      { created_by: "LABEL", empty_layer: true },
    ],
    config: {
      ...below.config,
      Env: [...(below.config.Env ?? []), ...(stamp === undefined ? [] : [stamp])],
      ...(build.kind === "compat" ? { User: "idies", Entrypoint: ["/start"] } : {}),
      Labels: { ...below.config.Labels, ...readyLabels(build, 1_700_000_000.25, pin) },
    },
  };
}

export const layerOf = (content: string): { readonly bytes: Buffer; readonly diffId: Digest } => ({
  bytes: gzipSync(Buffer.from(content)),
  diffId: sha256Digest(content),
});

const debian = layerOf("debian");
const base: Pieces = {
  layers: [debian.bytes],
  diffIds: [debian.diffId],
  history: [{ created_by: "debian" }],
  config: { Env: ["PATH=/usr/bin"] },
};

/** Stores everything and points the tags to it; returns the digest of the manifest. */
export async function push(
  registry: Registry,
  repository: string,
  tags: readonly string[],
  pieces: Pieces,
): Promise<Digest> {
  const put = async (mediaType: string, bytes: Buffer): Promise<Descriptor> => {
    const blob = { mediaType, digest: sha256Digest(bytes), size: bytes.length };
    if (!(await registry.repository(repository).blobs.head(blob.digest)))
      await registry.repository(repository).blobs.put(blob, bytes);
    return blob;
  };
  const layers: Descriptor[] = [];
  for (const bytes of pieces.layers) layers.push(await put(oci.layerGzip, bytes));
  const config: ImageConfig = {
    architecture: "amd64",
    os: "linux",
    config: pieces.config,
    rootfs: { type: "layers", diff_ids: pieces.diffIds },
    history: pieces.history,
  };
  const manifest = canonicalJson({
    schemaVersion: 2,
    mediaType: oci.manifest,
    config: await put(oci.config, canonicalJson(config)),
    layers,
  });
  let digest = sha256Digest(manifest);
  for (const tag of tags)
    digest = (await registry.repository(repository).manifests.put(tag, oci.manifest, manifest)).digest;
  return digest;
}
