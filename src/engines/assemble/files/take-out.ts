import { inLayer } from "../../../files/errors.ts";
import { cleanEntryPath, readTar } from "../../../oci/tar.ts";
import { AssembleError } from "../evaluate/assemble-error.ts";
import type { LayerEntry } from "../evaluate/stage-state.ts";
import type { Spool, SpoolFile } from "../layers/spool.ts";
import type { Content, SourceLayer } from "./tree.ts";

/** Entries whose contents are in layers of other images, with the contents taken out: each layer is read once. */
export async function takeOut(entries: readonly LayerEntry[], spool: Spool): Promise<readonly LayerEntry[]> {
  const wanted = wantedFiles(entries);
  if (wanted.size === 0) return entries;
  const found = new Map<string, Content>();
  for (const { layer, paths } of wanted.values()) await readLayer(layer, paths, spool, found);
  return entries.map((entry) => {
    const { content } = entry.node;
    const taken = content?.kind === "layer" ? found.get(key(content.layer, content.place.path)) : content;
    if (content && !taken) throw missing(entry.path);
    return taken === content ? entry : { path: entry.path, node: { ...entry.node, ...(taken && { content: taken }) } };
  });
}

interface Wanted {
  readonly layer: SourceLayer;
  readonly paths: Set<string>;
}

function wantedFiles(entries: readonly LayerEntry[]): Map<string, Wanted> {
  const wanted = new Map<string, Wanted>();
  for (const { node } of entries) {
    if (node.content?.kind !== "layer") continue;
    const { layer, place } = node.content;
    const known = wanted.get(layer.diffId) ?? { layer, paths: new Set() };
    wanted.set(layer.diffId, known);
    known.paths.add(place.path);
  }
  return wanted;
}

async function readLayer(
  layer: SourceLayer,
  paths: ReadonlySet<string>,
  spool: Spool,
  found: Map<string, Content>,
): Promise<void> {
  const file = await spool.open();
  try {
    for await (const { entry, body } of readTar(await layer.open())) {
      const path = cleanEntryPath(entry.path);
      if (entry.type !== "file" || path === undefined || !paths.has(path)) continue;
      found.set(key(layer, path), await sliceOf(body, file));
    }
  } catch (cause) {
    throw inLayer(layer.name, cause);
  } finally {
    await file.close();
  }
}

async function sliceOf(body: AsyncIterable<Buffer>, file: SpoolFile): Promise<Content> {
  const slice = await file.append(body);
  return { kind: "slice", file: slice.file, offset: slice.offset, id: slice.digest };
}

const key = (layer: SourceLayer, path: string): string => `${layer.diffId}/${path}`;

const missing = (path: string): AssembleError =>
  new AssembleError(`the content of "/${path}" is not in the layer that the file index names`);
