import { mergeFacts } from "../../src/contents/merge.ts";
import { obtainFacts } from "../../src/contents/obtain.ts";
import type { ImageConfig } from "../../src/oci/config.ts";
import { compareImages } from "../../src/resolve/compare.ts";
import type { Comparison, ResolvableImage } from "../../src/resolve/model.ts";
import { emptyCache, imageOf } from "../contents/image.ts";
import type { Item } from "../files/support.ts";

export type Config = NonNullable<ImageConfig["config"]>;

/** An image with these layers, lowest first, as it is read from a registry. */
export async function resolvable(layers: readonly (readonly Item[])[], config: Config = {}): Promise<ResolvableImage> {
  const { image, registry, repository } = imageOf(layers, config);
  const { layers: read } = await obtainFacts(registry, repository, image, emptyCache());
  return { facts: await mergeFacts(read, 1e6), config: image.config };
}

interface Side {
  readonly items: readonly Item[];
  readonly config?: Config;
}

/** What a layer on an image makes another. The configuration is that of the image unless the layer has its own. */
export async function onTop(science: Side, layer: Partial<Side>): Promise<Comparison> {
  const before = await resolvable([science.items], science.config);
  const after = await resolvable([science.items, layer.items ?? []], { ...science.config, ...layer.config });
  return compareImages(before, after);
}

/** `door: outcome kind name` of everything that is another at a door. */
export const found = ({ doors }: Comparison): string[] =>
  doors.flatMap(({ door, differences }) =>
    differences.map(({ outcome, kind, name }) => `${door}: ${outcome} ${kind} ${name}`),
  );

export const program = (path: string, text = path): Item => ({ path, text, mode: 0o755 });

export const link = (path: string, linkname: string): Item => ({ path, type: "symlink", linkname });

/** What is another at one door of an image with a layer on it. */
export async function foundAt(science: Side, layer: Partial<Side>, door = "sh -c"): Promise<string[]> {
  const all = found(await onTop(science, layer));
  return all.flatMap((each) => (each.startsWith(`${door}: `) ? [each.slice(door.length + 2)] : []));
}
