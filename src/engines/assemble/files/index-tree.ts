import { baseName, contentPlace, type FileEntry } from "../../../files/entry.ts";
import type { FileLookup } from "../../../files/known.ts";
import type { Content, Node, SourceLayer, Tree } from "./tree.ts";

/** The files of an image by its index, or by what is known of it. `layers` are the image's, lowest first. */
export class IndexTree implements Tree {
  readonly #index: FileLookup;
  readonly #layers: readonly SourceLayer[];

  constructor(index: FileLookup, layers: readonly SourceLayer[]) {
    this.#index = index;
    this.#layers = layers;
  }

  get(path: string): Node | undefined {
    const entry = this.#index.get(path);
    return entry && this.#node(entry);
  }

  names(folder: string): readonly string[] {
    return [...this.#index.children(folder)].map((entry) => baseName(entry.path));
  }

  #node(entry: FileEntry): Node {
    const { type, mode, uid, gid, size, mtime, link, device, xattrs } = entry;
    const extra = { ...(link !== undefined && { link }), ...(device && { device }), ...(xattrs && { xattrs }) };
    return { type, mode, uid, gid, size, mtime, ...extra, ...this.#content(entry) };
  }

  #content(entry: FileEntry): { content?: Content; identity?: string } {
    if (entry.type !== "file") return {};
    const place = contentPlace(entry);
    const layer = this.#layers[place.layer];
    if (!layer) return {};
    return { content: { kind: "layer", layer, place }, identity: `${layer.diffId}/${place.path}` };
  }
}
