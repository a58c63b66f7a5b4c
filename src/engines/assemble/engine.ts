import { createReadStream } from "node:fs";
import { createFactsCache, type FactsCache } from "../../contents/cache.ts";
import { type Diagnostic, error } from "../../diagnostics/diagnostic.ts";
import { FailedError } from "../../diagnostics/failure.ts";
import { type Dockerfile, parseDockerfile } from "../../dockerfile/index.ts";
import { createIndexCache } from "../../files/cache.ts";
import { openLayer } from "../../files/decompress.ts";
import { NotKnownError } from "../../files/known.ts";
import { baseFilesAnnotation } from "../../naming/labels.ts";
import type { Digest } from "../../oci/digest.ts";
import { parseManifest } from "../../oci/manifest.ts";
import { isIndexType, mediaTypesOf } from "../../oci/media-types.ts";
import { parseReferenceOrThrow } from "../../oci/reference.ts";
import { locate } from "../../registry/location.ts";
import type { Registries, Registry } from "../../registry/model.ts";
import { declarations } from "../choice/table.ts";
import type { BuiltImage, Engine, ReadyBuild, Task } from "../model.ts";
import { locateReady } from "../place.ts";
import { evaluateBuild } from "./evaluate/evaluate-build.ts";
import { PlaceError } from "./evaluate/place-error.ts";
import { type ImageLayer, isNewLayer, type StageLayer, type StageState } from "./evaluate/stage-state.ts";
import { contextTree } from "./files/context-tree.ts";
import { EngineSources } from "./files/engine-sources.ts";
import { factsOfLayers, factsOfStage } from "./files/facts-of-stage.ts";
import { once } from "./files/image-source.ts";
import { indexOfStage } from "./files/index-of-stage.ts";
import type { PayloadStore } from "./files/payload-store.ts";
import { joinLayers } from "./layers/join-layers.ts";
import { LayerWriter } from "./layers/layer-writer.ts";
import { Spool } from "./layers/spool.ts";
import { attachFiles, attachToBase } from "./push/attach-files.ts";
import { type FinishedImage, finishImage } from "./push/finish-image.ts";
import { type MadeImage, MadeImages } from "./push/made-images.ts";
import { Pusher } from "./push/push-image.ts";

interface AssembleOptions {
  readonly registries: Registries;
  /** Where indexes of files are kept between runs. */
  readonly cache: string;
  /** Where this engine makes a folder for its layers, which it removes when it is closed. */
  readonly temporary: string;
  /** Where stages are that another engine has built for this run; gets the folder to put their files in. */
  readonly payloads?: (spool: Spool) => PayloadStore;
  /** Takes what is pushed to any registry: an OCI layout. */
  readonly destination?: Registry;
}

/** The embedded engine: makes images without running anything, and without reading the layers of their bases. */
export interface AssembleEngine extends Engine {
  /** Removes what was made and not pushed. */
  close(): Promise<void>;
}

export function createAssembleEngine(options: AssembleOptions): AssembleEngine {
  const spool = new Spool(options.temporary);
  const writer = new LayerWriter(spool);
  const pusher = new Pusher(options.registries, options.destination);
  const cache = createIndexCache(options.cache);
  const facts = createFactsCache(options.cache);
  const made = new MadeImages();
  const { registries, payloads, destination } = options;
  const sources = new EngineSources({
    registries,
    spool,
    made,
    indexes: cache,
    facts,
    ...(payloads && { payloads: payloads(spool) }),
    ...(destination && { destination }),
  });
  return {
    name: "assemble",
    // What an assembled image waits for is the registry.
    parallel: 8,
    repeats: true,
    takes: declarations.assemble.takes,
    probe: () => Promise.resolve({ description: "the embedded engine" }),
    async build(ready, task) {
      task.signal.throwIfAborted();
      const image = {
        ...(await makeKnowing(ready, sources, { writer, facts }, task, knownBefore(ready, options))),
        previous: ready.build.tags[1],
        kind: ready.build.kind,
      };
      made.add(ready.build.tags[0], image);
      return builtImage(ready, image.finished);
    },
    async push(image, reference, task) {
      task.signal.throwIfAborted();
      const known = madeImage(made, image);
      const digest = await pusher.push(known.finished, reference, tagIn(known.previous, reference));
      task.log.write(`pushed ${reference} ${digest}\n`);
      if (known.kind === "science") await attachFiles(known.finished, reference, { ...options, cache }, task);
      const unattached = known.state?.unattached();
      if (unattached) await attachToBase(unattached, reference, options.registries, task);
      made.forgetFiles(image.reference);
      return digest;
    },
    async contents(image, known) {
      const { imageConfig: config, layers } = madeImage(made, image).finished;
      return { config, layers: await factsOfLayers(layers, known, facts) };
    },
    close: () => spool.remove(),
  };
}

function madeImage(made: MadeImages, { reference }: BuiltImage): MadeImage {
  const known = made.find(reference);
  if (!known) throw new Error(`${reference} was not made by this engine`);
  return known;
}

/** What the image before this one was told of the files of its base, where this run has its manifest. */
function knownBefore({ build }: ReadyBuild, { registries, destination }: AssembleOptions): string | undefined {
  if (build.kind !== "compat") return undefined;
  const { repository, target } = locate(
    destination ? { registryFor: () => destination } : registries,
    parseReferenceOrThrow(build.tags[1]),
  );
  const seen = repository.memory?.lastSeen(target);
  if (seen === undefined || seen === "absent" || isIndexType(seen.descriptor.mediaType)) return undefined;
  return parseManifest(seen.bytes, seen.descriptor.mediaType).annotations?.[baseFilesAnnotation];
}

async function makeKnowing(
  ready: ReadyBuild,
  sources: EngineSources,
  tools: { readonly writer: LayerWriter; readonly facts: FactsCache },
  task: Task,
  known: string | undefined,
): Promise<Pick<MadeImage, "state" | "finished">> {
  return makeImage(ready, sources.during(task, known), tools, task).catch((cause: unknown) => {
    if (!(cause instanceof NotKnownError)) throw cause;
    return makeImage(ready, sources.during(task), tools, task);
  });
}

async function makeImage(
  ready: ReadyBuild,
  sources: EngineSources,
  { writer, facts: cache }: { readonly writer: LayerWriter; readonly facts: FactsCache },
  task: Task,
): Promise<Pick<MadeImage, "state" | "finished">> {
  const dockerfile = parseDockerfile(ready.dockerfile);
  refuseProblems(ready, dockerfile);
  const context = contextTree(ready.context, ready.root);
  const shared = new Map(
    ready.build.contexts?.map(({ reference, files }) => [reference, contextTree(files, ready.root)]),
  );
  const { args } = ready.build;
  const untriggered = ready.build.kind === "compat";
  const input = { dockerfile, args, declared: ready.declared, context, shared, untriggered };
  const state = await evaluateBuild(input, sources).catch((cause) => {
    throw explain(cause, ready);
  });
  const joined = joinLayers(state);
  const layers = await writeLayers(joined.layers, state, writer, task.signal);
  task.signal.throwIfAborted();
  const index = once(() => indexOfStage(state, joined.layers, layers, sources));
  const facts = once(() => factsOfStage(state, layers, cache));
  const finished = finishImage(state, { layers, history: joined.history, index, facts }, ready);
  task.log.write(`assembled ${ready.build.tags[0]} of ${layers.length} layers\n`);
  return { state, finished };
}

async function writeLayers(
  all: readonly StageLayer[],
  state: StageState,
  writer: LayerWriter,
  signal: AbortSignal,
): Promise<ImageLayer[]> {
  const layers: ImageLayer[] = [];
  for (const layer of all) {
    layers.push(isNewLayer(layer) ? await newLayer(layer.entries, state, writer, signal) : layer);
  }
  return layers;
}

async function newLayer(
  entries: Parameters<LayerWriter["write"]>[0],
  state: StageState,
  writer: LayerWriter,
  signal: AbortSignal,
): Promise<ImageLayer> {
  const { file, digest, size, diffId } = await writer.write(entries, signal);
  const mediaType = mediaTypesOf(state.family).layerGzip;
  return {
    diffId,
    name: `the layer ${digest}`,
    blob: { mediaType, digest, size },
    origin: { kind: "file", path: file },
    open: async () => openLayer({ mediaType, size }, createReadStream(file), signal),
  };
}

const builtImage = (ready: ReadyBuild, { config, manifest }: FinishedImage): BuiltImage => ({
  id: ready.build.id,
  reference: ready.build.tags[0],
  config: config.descriptor.digest as Digest,
  manifest: manifest.descriptor.digest,
});

/** The tag of a reference, when it is of the same repository as another. */
function tagIn(previous: string, reference: string): string | undefined {
  const at = previous.lastIndexOf(":");
  return reference.startsWith(previous.slice(0, at + 1)) ? previous.slice(at + 1) : undefined;
}

function refuseProblems(ready: ReadyBuild, { problems }: Dockerfile): void {
  const errors = problems.filter((problem) => problem.severity === "error");
  if (errors.length === 0) return;
  throw new FailedError(
    errors.map(({ code, message, range, help }) =>
      error(code, message, { ...locateReady(ready, range), ...(help !== undefined && { help }) }),
    ),
  );
}

/** What went wrong, with the image that it went wrong for. */
function explain(cause: unknown, ready: ReadyBuild): unknown {
  if (cause instanceof FailedError)
    return new FailedError(
      cause.diagnostics.map((each) => named(each, ready)),
      { cause },
    );
  if (!(cause instanceof PlaceError)) return cause;
  const details = cause.help === undefined ? {} : { help: cause.help };
  const place = locateReady(ready, cause.instruction.range);
  return new FailedError([named(error("cannot-assemble", cause.message, { ...place, ...details }), ready)], { cause });
}

const named = (problem: Diagnostic, { build }: ReadyBuild): Diagnostic => ({
  ...problem,
  message: `${build.id} cannot be assembled: ${problem.message}`,
});
