import type { Descriptor } from "../oci/descriptor.ts";
import { imagePlatform } from "../oci/platform.ts";
import type { Crumb } from "../published/crumbs.ts";
import type { PublishedImage } from "../published/image.ts";
import type { Reader } from "../published/reader.ts";
import { readImageManifest } from "../registry/image.ts";

/** Bytes as transferred; undefined where a base could not be read or is not the beginning of the image. */
interface LayerSizes {
  readonly base: number | undefined;
  /** In the order of the crumbs. */
  readonly parts: readonly (number | undefined)[];
}

/** What each part added: the layers of an image above those of the part's base. One request for each part. */
export async function readLayerSizes(
  image: PublishedImage,
  crumbs: readonly Crumb[],
  reader: Reader,
): Promise<LayerSizes> {
  const [own, ...bases] = await Promise.all([
    layersOf(image.reference, reader),
    ...crumbs.map(({ base }) => layersOf(base, reader)),
  ]);
  if (own === undefined) return { base: undefined, parts: [] };
  const heights = bases.map((layers) => (layers && isStart(layers, own) ? layers.length : undefined));
  const parts = heights.map((from, at) => between(own, from, at + 1 < heights.length ? heights[at + 1] : own.length));
  return { base: between(own, 0, heights[0]), parts };
}

const layersOf = (reference: string | undefined, reader: Reader): Promise<readonly Descriptor[] | undefined> =>
  reference?.includes("@") || reference?.includes(":")
    ? reader.ask(
        reference,
        async ({ repository, target }) => (await readImageManifest(repository, target, imagePlatform))?.manifest.layers,
        () => undefined,
      )
    : Promise.resolve(undefined);

const isStart = (start: readonly Descriptor[], layers: readonly Descriptor[]): boolean =>
  start.every((each, at) => each.digest === layers[at]?.digest);

function between(layers: readonly Descriptor[], from: number | undefined, to: number | undefined): number | undefined {
  if (from === undefined || to === undefined) return undefined;
  return layers.slice(from, to).reduce((sum, { size }) => sum + size, 0);
}
