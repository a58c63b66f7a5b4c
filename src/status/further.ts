import { lastingTags } from "../catalogue/further-tags.ts";
import { finalLayers, imageVersion, interfacedLayers, type ScienceGraph } from "../catalogue/graph.ts";
import type { Catalogue, ScienceLayer } from "../catalogue/model.ts";
import { relReference, sciReference } from "../judge/definitions.ts";
import type { Published } from "../judge/model.ts";
import { compatId, layerKey, scienceId } from "../naming/build-id.ts";
import type { NotPublished, Reason } from "../plan/model.ts";
import type { Reader } from "../published/reader.ts";
import { mapBounded } from "../registry/limiter.ts";

/** A tag that moves with the stable one of an image-version (B50), and what it holds; `undefined` where there is none. */
interface FurtherTag {
  readonly reference: string;
  readonly digest: string | undefined;
}

/**
 * What the further tags of a final layer hold, by one request each; those of days are not asked for, and one that the registry does not
 * tell of is left out.
 */
export async function readFurtherTags(
  catalogue: Catalogue,
  layer: ScienceLayer,
  reader: Reader,
): Promise<readonly FurtherTag[]> {
  const stable = layer.compat === undefined ? sciReference(catalogue, layer) : relReference(catalogue, layer);
  const repository = stable.slice(0, stable.lastIndexOf(":"));
  const found = await mapBounded(lastingTags(layer), 4, (tag) => {
    const reference = `${repository}:${tag}`;
    return reader.ask<FurtherTag | undefined>(
      reference,
      async (at) => ({ reference, digest: (await at.repository.manifests.head(at.target))?.digest }),
      () => undefined,
    );
  });
  return found.flatMap((each) => each ?? []);
}

/** Reasons of builds of which only a further tag is not where it belongs, by id; `known`: builds that have reasons already. */
export async function tagsOutOfPlace(
  { catalogue, graph }: { readonly catalogue: Catalogue; readonly graph: ScienceGraph },
  { rel, sci }: Pick<Published, "rel" | "sci">,
  known: ReadonlyMap<string, readonly Reason[]>,
  reader: Reader,
): Promise<readonly (readonly [id: string, reasons: readonly Reason[]])[]> {
  const bare = [...finalLayers(graph).values()].flatMap(([layer]) =>
    layer?.compat === undefined && layer ? [layer] : [],
  );
  const finals: readonly ScienceLayer[] = [...interfacedLayers(graph), ...bare];
  const tagged = finals.filter(({ tags }) => tags !== undefined);
  const found = await mapBounded(tagged, 8, async (layer) => {
    const id = layer.compat === undefined ? scienceId(layerKey(layer)) : compatId(layer);
    const reading = layer.compat === undefined ? sci.get(layerKey(layer)) : rel.get(imageVersion(layer));
    if (known.has(id) || reading?.kind !== "image") return [];
    const { digest } = reading.image;
    const astray = (await readFurtherTags(catalogue, layer, reader)).filter((each) => each.digest !== digest);
    return astray.length === 0 ? [] : [[id, astray.map(reasonOf)] as const];
  });
  return found.flat();
}

const reasonOf = ({ reference, digest }: FurtherTag): NotPublished =>
  digest === undefined
    ? { kind: "not-published", state: "absent", says: `${reference}, which moves with it, is not published` }
    : { kind: "not-published", state: "different", says: `${reference}, which moves with it, holds another image` };
